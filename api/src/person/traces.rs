//! By what a person can be recognized in texts: their addresses and names, those of today and those that Roster has seen.

use std::collections::{BTreeSet, HashSet};

use regex::{Regex, RegexBuilder};
use roster_entity::{
    EmailAddress, MemberId, NotificationId, OrganizationId, activity, invitation, member, notification, user,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Query, SelectStatement},
};
use serde_json::Value;

/// A name that is shorter would be found everywhere.
const SHORTEST_NAME: usize = 2;

/// What leads to one person.
#[derive(Debug)]
pub(super) struct Traces {
    pub(super) user: user::Model,
    /// Their rows, in all organizations, whatever the status.
    pub(super) members: Vec<member::Model>,
    /// Their addresses, in every form in which they are written, in lower case; without those that are somebody else's now.
    pub(super) addresses: BTreeSet<String>,
    /// Their names. They are looked for in organizations that know them only: others mean others by them.
    pub(super) names: BTreeSet<String>,
    patterns: Patterns,
}

#[derive(Debug)]
struct Patterns {
    addresses: Option<Regex>,
    names: Option<Regex>,
}

impl Traces {
    pub(super) async fn of(conn: &impl ConnectionTrait, user: user::Model) -> Result<Self, DbErr> {
        let members = member::Entity::find()
            .filter(member::Column::UserId.eq(user.id))
            .order_by_asc(member::Column::OrganizationId)
            .all(conn)
            .await?;
        let ids: Vec<MemberId> = members.iter().map(|member| member.id).collect();
        let invited: Vec<EmailAddress> = invitation::Entity::find()
            .filter(invitation::Column::MemberId.is_in(ids.iter().copied()))
            .select_only()
            .column(invitation::Column::Email)
            .distinct()
            .into_tuple()
            .all(conn)
            .await?;
        let told: Vec<(EmailAddress, Option<String>)> = notification::Entity::find()
            .filter(notification::Column::MemberId.is_in(ids))
            .select_only()
            .columns([notification::Column::RecipientEmail, notification::Column::RecipientName])
            .distinct()
            .into_tuple()
            .all(conn)
            .await?;
        let signed: Vec<(String, String)> = notification::Entity::find()
            .filter(notification::Column::ActivityId.in_subquery(activities_by(&user)))
            .select_only()
            .expr(Expr::cust("snapshot->'actor'->>'email'"))
            .expr(Expr::cust("snapshot->'actor'->>'name'"))
            .distinct()
            .into_tuple()
            .all(conn)
            .await?;

        let mut emails: Vec<EmailAddress> = vec![user.email.clone()];
        let mut names: BTreeSet<String> = user.name.iter().cloned().collect();
        emails.extend(invited);
        for (email, name) in told {
            emails.push(email);
            names.extend(name);
        }
        for (email, name) in signed {
            emails.extend(email.parse::<EmailAddress>());
            names.insert(name);
        }
        names.retain(|name| {
            name != user::ERASED_NAME && !name.contains('@') && name.chars().count() >= SHORTEST_NAME
        });
        let addresses = unless_passed_on(conn, &user, emails).await?;
        let patterns = Patterns { addresses: any_of(&addresses), names: any_of(&names) };
        Ok(Self { user, members, addresses, names, patterns })
    }

    /// The ids of their rows in organizations.
    pub(super) fn member_ids(&self) -> impl Iterator<Item = MemberId> {
        self.members.iter().map(|member| member.id)
    }

    /// The organizations that know them.
    pub(super) fn organizations(&self) -> impl Iterator<Item = OrganizationId> {
        self.members.iter().map(|member| member.organization_id)
    }

    /// All emails to them.
    pub(super) async fn emails(&self, conn: &impl ConnectionTrait) -> Result<HashSet<NotificationId>, DbErr> {
        let ids = notification::Entity::find()
            .filter(notification::Column::MemberId.is_in(self.member_ids()))
            .select_only()
            .column(notification::Column::Id)
            .into_tuple()
            .all(conn);
        Ok(ids.await?.into_iter().collect())
    }

    /// Whether an address is one of theirs.
    pub(super) fn has_address(&self, address: &str) -> bool {
        self.addresses.contains(&address.to_lowercase())
    }

    /// A text with the pseudonym for each address and, if the organization knows them, each name of theirs; `None` if it has
    /// neither.
    pub(super) fn replaced(&self, text: &str, knows_them: bool) -> Option<String> {
        let pseudonym = self.user.pseudonym();
        let name = pseudonym.name.as_deref().unwrap_or_default();
        let first = replace(text, self.patterns.addresses.as_ref(), is_address, pseudonym.email.as_str());
        let names = self.patterns.names.as_ref().filter(|_| knows_them);
        replace(first.as_deref().unwrap_or(text), names, is_name, name).or(first)
    }

    /// The same in all texts of a JSON value; in how many.
    pub(super) fn replace_in(&self, value: &mut Value, knows_them: bool) -> usize {
        match value {
            Value::String(text) => match self.replaced(text, knows_them) {
                Some(replaced) => {
                    *text = replaced;
                    1
                }
                None => 0,
            },
            Value::Array(items) => items.iter_mut().map(|item| self.replace_in(item, knows_them)).sum(),
            Value::Object(fields) => {
                fields.values_mut().map(|field| self.replace_in(field, knows_them)).sum()
            }
            _ => 0,
        }
    }
}

/// The entries of the activity log that say what somebody has done, by their ids.
pub(super) fn activities_by(user: &user::Model) -> SelectStatement {
    Query::select()
        .column(activity::Column::Id)
        .from(activity::Entity)
        .and_where(activity::Column::ActorId.eq(user.id))
        .to_owned()
}

/// All forms of these addresses, without those by which somebody else is known now.
async fn unless_passed_on(
    conn: &impl ConnectionTrait,
    user: &user::Model,
    emails: Vec<EmailAddress>,
) -> Result<BTreeSet<String>, DbErr> {
    let others: Vec<user::Model> = user::Entity::find()
        .filter(user::Column::EmailNorm.is_in(emails.iter().map(EmailAddress::normalized)))
        .filter(user::Column::Id.ne(user.id))
        .all(conn)
        .await?;
    let passed_on = |email: &EmailAddress| {
        others.iter().any(|other| other.email_norm.as_ref() == Some(&email.normalized()))
    };
    let forms = |email: EmailAddress| {
        [
            email.as_str().to_lowercase(),
            email.for_smtp().to_lowercase(),
            email.normalized().as_str().to_owned(),
        ]
    };
    Ok(emails.into_iter().filter(|email| !passed_on(email)).flat_map(forms).collect())
}

/// What matches any of these, the longest first.
fn any_of(texts: &BTreeSet<String>) -> Option<Regex> {
    let mut texts: Vec<_> = texts.iter().map(|text| regex::escape(text)).collect();
    texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let pattern = (!texts.is_empty()).then(|| texts.join("|"))?;
    RegexBuilder::new(&pattern).case_insensitive(true).build().ok()
}

/// Replaces what is matched and stands by itself.
fn replace(
    text: &str,
    pattern: Option<&Regex>,
    stands_alone: fn(&str, &str) -> bool,
    with: &str,
) -> Option<String> {
    let (mut replaced, mut end) = (String::new(), 0);
    for found in pattern?.find_iter(text) {
        if !stands_alone(&text[..found.start()], &text[found.end()..]) {
            continue;
        }
        replaced += &text[end..found.start()];
        replaced += with;
        end = found.end();
    }
    (end > 0).then(|| replaced + &text[end..])
}

/// Whether a name between these two is a name, and not a part of a word.
fn is_name(before: &str, after: &str) -> bool {
    !before.ends_with(is_of_word) && !after.starts_with(is_of_word)
}

/// Whether an address between these two is an address, and not a part of one: `jim-bob@example.com`, `bob@example.com.au`. A full
/// stop ends a sentence, unless something follows it at once. Quotes and slashes may stand in an address (RFC 5322, atext), and
/// stand around one more often.
fn is_address(before: &str, after: &str) -> bool {
    let goes_on = after.strip_prefix('.').unwrap_or(after).starts_with(is_of_word);
    !before.ends_with(|c| is_of_word(c) || ".!#$%&*+-=?^`{|}~".contains(c)) && !goes_on
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced(text: &str, of: &str, stands_alone: fn(&str, &str) -> bool) -> String {
        let pattern = any_of(&[of.to_owned()].into());
        replace(text, pattern.as_ref(), stands_alone, "*").unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn an_address_is_replaced_in_any_case_and_not_within_another() {
        let replaced = |text| replaced(text, "bob@example.com", is_address);
        assert_eq!(replaced("bob@example.com"), "*");
        assert_eq!(replaced("Ask <BOB@Example.com>, or 'bob@example.com'."), "Ask <*>, or '*'.");
        assert_eq!(replaced("mailto:bob@example.com?subject=x /bob@example.com/"), "mailto:*?subject=x /*/");
        assert_eq!(replaced("bob@example.combob@example.com"), "bob@example.combob@example.com");
        for other in [
            "jim.bob@example.com",
            "jim+bob@example.com",
            "xbob@example.com",
            "bob@example.com.au",
            "bob@example.company",
        ] {
            assert_eq!(replaced(other), other);
        }
    }

    #[test]
    fn a_name_is_replaced_as_a_word() {
        let replaced = |text| replaced(text, "Bob (the) Builder", is_name);
        assert_eq!(replaced("Thank you, bob (the) builder.So long"), "Thank you, *.So long");
        assert_eq!(replaced("Bob (the) Builders"), "Bob (the) Builders");
        assert_eq!(replaced("Bob the Builder"), "Bob the Builder");
    }
}
