//! Whole emails, as a mail program shows them.

use mail_parser::{MessageParser, MimeHeaders};
use roster_entity::{
    Role,
    notification::{Event, Model},
};

use super::message::Composer;
use crate::testing::{invitation, links, notification, removed};

/// What a mail program makes of an email.
struct Shown {
    raw: String,
    subject: String,
    plain: String,
    html: String,
}

fn show(notification: &Model) -> Shown {
    let composer = Composer::new("Roster <roster@example.com>", links()).unwrap();
    let raw = String::from_utf8(composer.compose(notification).unwrap().formatted()).unwrap();
    let parsed = MessageParser::default().parse(&raw).unwrap();
    let text =
        |text: Option<std::borrow::Cow<'_, str>>| text.unwrap().replace("\r\n", "\n").trim_end().to_owned();
    Shown {
        subject: parsed.subject().unwrap().to_owned(),
        plain: text(parsed.body_text(0)),
        html: text(parsed.body_html(0)),
        raw: raw.clone(),
    }
}

#[test]
fn the_headers() {
    let mut notification = notification(removed());
    notification.recipient_email = "bob@bücher.example".parse().unwrap();
    let Shown { raw, .. } = show(&notification);
    let parsed = MessageParser::default().parse(&raw).unwrap();
    let address = |address: Option<&mail_parser::Address<'_>>| {
        let one = address.unwrap().first().unwrap().clone();
        (one.name.unwrap_or_default().into_owned(), one.address.unwrap().into_owned())
    };
    let pair = |name: &str, address: &str| (name.to_owned(), address.to_owned());
    assert_eq!(address(parsed.from()), pair("Roster", "roster@example.com"));
    assert_eq!(address(parsed.to()), pair("Bob Builder", "bob@xn--bcher-kva.example"));
    assert_eq!(address(parsed.reply_to()), pair("", "office@acme.example"));
    assert_eq!(parsed.message_id().unwrap(), format!("{}@example.com", notification.id));
    assert_eq!(parsed.date().unwrap().to_rfc3339(), "2026-11-21T21:35:00Z");
    assert_eq!(parsed.header_raw("Auto-Submitted").unwrap().trim(), "auto-generated");
    assert_eq!(parsed.content_type().unwrap().subtype(), Some("alternative"));
    // The same at every attempt.
    assert!(show(&notification).raw.contains(&format!("Message-ID: <{}@example.com>", notification.id)));
}

#[test]
fn removed_from_many_groups_with_a_note() {
    let note = Some("Thank you for everything.\n\nSee you at the summer party!".to_owned());
    let groups = vec!["Design".to_owned(), "R&D".to_owned()];
    let Shown { subject, plain, html, .. } = show(&notification(Event::Removed { groups, note }));
    assert_eq!(subject, "You have been removed from Acme");
    assert_eq!(
        plain,
        "\
Hello Bob Builder,

You have been removed from Acme and all of its groups.

Ann Admin removed you on 21 November 2026 at 21:35 UTC.

You are no longer in these groups:

- Design
- R&D

Ann Admin wrote to you:

> Thank you for everything.
>
> See you at the summer party!

This means that you no longer have access to Acme. Your account and your other organizations are not affected.

Questions? Write to office@acme.example, or just reply to this email.

--
This email was sent to bob@example.com because it is about your membership in Acme."
    );
    for part in [
        "<title>You have been removed from Acme</title>",
        "<p>Hello <bdi>Bob Builder</bdi>,</p>",
        "You have been removed from <strong><bdi>Acme</bdi></strong> and all of its groups.",
        "<bdi>Ann Admin</bdi> removed you on 21 November 2026 at 21:35 UTC.",
        "<li><bdi>R&amp;D</bdi></li>",
        "Thank you for everything.<br><br>See you at the summer party!</blockquote>",
        "<a href=\"mailto:office@acme.example\">office@acme.example</a>",
    ] {
        assert!(html.contains(part), "no {part} in {html}");
    }
}

#[test]
fn removed_from_one_group_and_from_none() {
    let removed = |groups: &[&str]| {
        let groups = groups.iter().map(|group| group.to_string()).collect();
        show(&notification(Event::Removed { groups, note: None }))
    };
    let one = removed(&["Design"]);
    assert!(
        one.plain.contains("You are no longer in this group:\n\n- Design\n\nThis means"),
        "{}",
        one.plain
    );
    let none = removed(&[]);
    assert!(none.plain.contains("21:35 UTC. You were not in any group.\n\nThis means"), "{}", none.plain);
    assert!(none.html.contains("21:35 UTC. You were not in any group.</p>"), "{}", none.html);
    for shown in [one, none] {
        assert!(!shown.plain.contains("wrote") && !shown.html.contains("<blockquote"));
    }
}

#[test]
fn an_invitation() {
    let notification = notification(invitation());
    let Event::Invitation { invitation_id, .. } = notification.snapshot.event else { unreachable!() };
    let token = links().token(crate::link::LinkClaim { invitation: invitation_id, version: 2 });
    let Shown { subject, plain, html, .. } = show(&notification);
    assert_eq!(subject, "Ann Admin invited you to join Acme");
    assert_eq!(
        plain,
        format!(
            "\
Hello Bob Builder,

Ann Admin invites you to join Acme as an admin.

To accept or decline, open this link:

https://app.example.com/join?from=mail&v=1#token={token}

It is valid until 28 November 2026 at 21:35 UTC. It is meant for you alone, so please do not forward it.

If you did not expect this invitation, you can ignore this email: nothing happens until you accept.

Questions? Write to office@acme.example, or just reply to this email.

--
This invitation was sent to bob@example.com."
        )
    );
    let link = format!("href=\"https://app.example.com/join?from=mail&amp;v=1#token={token}\"");
    assert_eq!(html.matches(&link).count(), 2, "{html}");
}

#[test]
fn an_invitation_into_groups_of_somebody_whose_name_is_not_known() {
    let Event::Invitation { invitation_id, link_version, expires_at, .. } = invitation() else {
        unreachable!()
    };
    let event = |role, groups: &[&str]| Event::Invitation {
        role,
        groups: groups.iter().map(|group| group.to_string()).collect(),
        invitation_id,
        link_version,
        expires_at,
    };
    let mut one = notification(event(Role::Member, &["Design"]));
    one.recipient_name = None;
    let plain = show(&one).plain;
    assert!(plain.starts_with("Hello,\n\nAnn Admin invites you to join Acme as a member.\n\nYou will be in this group:\n\n- Design\n\nTo accept"), "{plain}");
    let plain = show(&notification(event(Role::Owner, &["Design", "R&D"]))).plain;
    assert!(
        plain.contains("as an owner.\n\nYou will be in these groups:\n\n- Design\n- R&D\n\nTo accept"),
        "{plain}"
    );
}

#[test]
fn a_withdrawn_invitation() {
    let note = Some("We closed the position.".to_owned());
    let Shown { subject, plain, html, .. } = show(&notification(Event::InvitationRevoked { note }));
    assert_eq!(subject, "Your invitation to Acme was withdrawn");
    assert_eq!(
        plain,
        "\
Hello Bob Builder,

Your invitation to join Acme was withdrawn.

Ann Admin withdrew it on 21 November 2026 at 21:35 UTC. The link in the invitation no longer works, and you have nothing to do.

Ann Admin wrote to you:

> We closed the position.

Questions? Write to office@acme.example, or just reply to this email.

--
This email was sent to bob@example.com because the invitation was for this address."
    );
    assert!(html.contains(">We closed the position.</blockquote>"), "{html}");
}

#[test]
fn another_role() {
    let event = Event::RoleChanged { before: Role::Member, after: Role::Admin };
    let Shown { subject, plain, html, .. } = show(&notification(event));
    assert_eq!(subject, "Your role in Acme is now admin");
    assert_eq!(
        plain,
        "\
Hello Bob Builder,

Your role in Acme was changed from member to admin.

Ann Admin changed it on 21 November 2026 at 21:35 UTC.

Admins may do everything except make, change or remove owners. What you may do through your groups stays as it was.

Questions? Write to office@acme.example, or just reply to this email.

--
This email was sent to bob@example.com because it is about your membership in Acme."
    );
    assert!(html.contains("was changed from member to <strong>admin</strong>."), "{html}");
}

#[test]
fn html_in_a_name_stays_text() {
    let evil = "<script>alert(1)</script>\"'&".to_owned();
    let groups = vec![evil.clone()];
    let mut notification = notification(Event::Removed { groups, note: Some(evil.clone()) });
    notification.snapshot.organization = evil.clone();
    notification.snapshot.actor.name = evil.clone();
    notification.recipient_name = Some(evil.clone());
    let shown = show(&notification);
    assert!(!shown.html.contains("<script>") && shown.html.contains("&lt;script&gt;"), "{}", shown.html);
    assert!(shown.plain.contains(&format!("- {evil}\n")), "{}", shown.plain);
}

#[test]
fn an_odd_address_stays_an_address() {
    let mut notification = notification(removed());
    notification.snapshot.contact = "o'brien?cc=eve&x#y%z@acme.example".parse().unwrap();
    let html = show(&notification).html;
    assert!(html.contains("href=\"mailto:o&#x27;brien%3Fcc=eve%26x%23y%25z@acme.example\""), "{html}");
}

#[test]
fn no_name_breaks_an_email() {
    for nasty in [
        "",
        "Ann\r\nBcc: eve@example.com\r\n\r\nBuy!",
        "Ann\0\u{7}\u{1b}[31m\u{85}\u{2028}Bcc: x",
        "\"<>@,;:\\\"",
        "=?utf-8?q?trick?=",
        "👩‍💻🏳️‍🌈",
        "מרים (12)",
        "\u{202e}gnp.exe",
        &"long name ".repeat(1_000),
        &"x".repeat(10_000),
        &"é".repeat(10_000),
    ] {
        for event in [
            removed(),
            invitation(),
            Event::Removed { groups: vec![nasty.to_owned()], note: Some(nasty.to_owned()) },
            Event::InvitationRevoked { note: Some(nasty.to_owned()) },
        ] {
            let mut notification = notification(event);
            notification.recipient_name = Some(nasty.to_owned());
            notification.snapshot.organization = nasty.to_owned();
            notification.snapshot.actor.name = nasty.to_owned();
            let raw = show(&notification).raw;
            let parsed = MessageParser::default().parse(&raw).unwrap();
            let to = parsed.to().unwrap();
            assert_eq!(to.iter().count(), 1, "{raw}");
            assert_eq!(to.first().unwrap().address(), Some("bob@example.com"), "{raw}");
            assert!(parsed.bcc().is_none(), "{raw}");
            assert!(parsed.text_body_count() == 1 && parsed.html_body_count() == 1, "{raw}");
            assert!(raw.is_ascii(), "{raw}");
            assert!(raw.lines().all(|line| line.len() <= 998), "{raw}");
        }
    }
}

#[test]
fn a_right_to_left_name_does_not_turn_the_sentence_around() {
    let mut notification = notification(invitation());
    notification.snapshot.actor.name = "מרים".to_owned();
    let Shown { subject, plain, html, .. } = show(&notification);
    assert_eq!(subject, "\u{2068}מרים\u{2069} invited you to join Acme");
    assert!(plain.contains("\u{2068}מרים\u{2069} invites you to join Acme"), "{plain}");
    assert!(html.contains("<bdi>מרים</bdi> invites you"), "{html}");
}

#[test]
fn a_wrong_sender_is_named() {
    for from in ["", "Roster", "Roster <roster>", "rööster@example.com", "Ros\r\nter <roster@example.com>"]
    {
        let error = Composer::new(from, links()).map(|_| ()).unwrap_err().to_string();
        assert!(error.contains("mail.from should"), "{error}");
    }
    for from in ["roster@localhost", "roster@example.com", "Röster <roster@example.com>"] {
        assert!(Composer::new(from, links()).is_ok(), "{from}");
    }
}
