//! A world in which Bob occurs wherever somebody can occur.

use roster_api::identity::Claims;
use roster_tests::{Member, On, Organization, Person, Roster};
use roster_worker::mail::TransportKind;
use serde_json::{Value, json};
use tempfile::TempDir;

/// What no text may have after the erasure: parts of all addresses, names and subjects of Bob.
pub(super) const NEEDLES: [&str; 5] = ["builder", "robert", "b\u{fc}ro", "xn--bro-hoa", "subject-4711"];

/// The address that Bob has now.
pub(super) const ADDRESS: &str = "bob.builder@example.com";

pub(super) struct World {
    pub(super) roster: Roster,
    /// Where Bob is an administrator.
    pub(super) acme: Organization,
    /// From where Bob was removed.
    pub(super) globex: Organization,
    /// Where Bob is invited, and has not answered.
    pub(super) initech: Organization,
    /// Where Bob never was.
    pub(super) umbrella: Organization,
    /// Bob, signed in.
    pub(super) bob: Person,
    /// His row in Acme.
    pub(super) in_acme: Member,
    /// His row in Globex.
    pub(super) in_globex: Member,
    /// Somebody whom Bob has invited to Acme, with this link.
    pub(super) carol: Person,
    pub(super) carols_link: String,
    /// Where the emails are.
    pub(super) mail: TempDir,
}

/// Bob as the identity provider knew him at a time.
fn bob_as(roster: &Roster, name: &str, address: &str) -> Person {
    roster.person_with_claims(name, |claims: &mut Claims| {
        claims.sub = "subject-4711".to_owned();
        claims.email = Some(address.to_owned());
    })
}

impl World {
    pub(super) async fn build(on: On) -> Self {
        let mail = tempfile::tempdir().unwrap();
        let directory = mail.path().to_owned();
        let roster = Roster::start_with(on, |config| {
            config.mail.transport = TransportKind::Files;
            config.mail.directory = directory;
        })
        .await;
        let acme = roster.organization("Acme").await;
        let globex = roster.organization_of("Gina", "Globex").await;
        let initech = roster.organization_of("Ines", "Initech").await;
        let umbrella = roster.organization_of("Uma", "Umbrella").await;

        // He comes as Robert, with an address whose domain has two forms.
        let old = bob_as(&roster, "Robert Builder", "Bob.Old@b\u{fc}ro.example");
        let team = acme.group("Bob Builder's team", &[]).await;
        let design = acme.group("Design", &["MEMBERS_INVITE"]).await;
        let in_acme = join(&acme, &mail, &old, "ADMIN", &[&team, &design]).await;
        let in_globex = join(&globex, &mail, &old, "MEMBER", &[]).await;

        // As Robert he does something that is told by email.
        let dave = acme.owner.roster.person("Dave");
        let dave = join(&acme, &mail, &dave, "MEMBER", &[]).await;
        old.remove_with(json!({ "memberId": dave.id, "note": "Robert Builder wishes you well." }))
            .await
            .succeeds();

        let bob = bob_as(&roster, "Bob Builder", ADDRESS);
        bob.query("{ viewer { user { id } } }").await.data();
        let world = Self {
            carol: roster.person("Carol"),
            carols_link: String::new(),
            roster,
            acme,
            globex,
            initech,
            umbrella,
            bob,
            in_acme,
            in_globex,
            mail,
        };
        world.bob_acts(&team).await.others_act(&dave, &team).await
    }

    /// What Bob does, and gets answered.
    async fn bob_acts(mut self, team: &str) -> Self {
        let (bob, acme) = (&self.bob, &self.acme);
        for name in ["Bob Builder's script", "old builder"] {
            let input = json!({ "organizationId": acme.id, "name": name, "permissions": ["MEMBERS_REMOVE"] });
            let created = bob.mutate("createApiToken", input, "secret apiToken { id }").await;
            let payload = created.succeeds();
            let script = bob.with_token(payload["secret"].as_str().unwrap());
            script.query("{ viewer { user { id } } }").await.data();
            if name == "old builder" {
                let input = json!({ "apiTokenId": payload["apiToken"]["id"] });
                bob.mutate("revokeApiToken", input, "changed").await.succeeds();
            }
        }
        let people = json!([{ "email": self.carol.address }]);
        invite(bob, acme, people, "builder monday").await;
        self.carols_link = link_of(&self.roster, &self.mail, &self.carol.address).await;
        bob.update_group(team, json!({ "description": "Ask bob.builder@example.com." })).await.succeeds();
        self
    }

    /// What others do to Bob, and write about him.
    async fn others_act(self, dave: &Member, team: &str) -> Self {
        let Self { acme, globex, initech, umbrella, in_globex, .. } = &self;
        let olivia = &acme.owner;
        let settings = json!({
            "contactEmail": "Bob.Builder@Example.com", "replyToEmail": ADDRESS,
            "brandingLine": "Acme, run by Bob Builder (bob.builder@example.com).",
        });
        olivia.update_organization(acme, settings).await.succeeds();
        // Another organization has his address only: by his name it would mean somebody else.
        let settings = json!({
            "contactEmail": "Bob.Builder@Example.com", "replyToEmail": ADDRESS, "brandingLine": "See <bob.builder@example.com>.",
        });
        umbrella.owner.update_organization(umbrella, settings).await.succeeds();
        olivia.change_role(&self.in_acme, "OWNER").await.succeeds();
        olivia.take_out_of_group(team, &[&self.in_acme]).await.succeeds();
        olivia.add_to_group(team, &[&self.in_acme]).await.succeeds();
        let input = json!({ "organizationId": acme.id, "name": "for Bob Builder", "permissions": ["MEMBERS_REMOVE"] });
        olivia.mutate("createApiToken", input, "secret").await.succeeds();

        let note = "Bob Builder (BOB.BUILDER@example.com) said so: see mailto:bob.builder@example.com.";
        let erin = join(acme, &self.mail, &self.roster.person("Erin"), "MEMBER", &[]).await;
        olivia.remove_with(json!({ "memberId": erin.id, "note": note })).await.succeeds();
        olivia.restore(dave).await.succeeds();
        let remove = json!({ "members": [{ "memberId": dave.id }], "note": note, "idempotencyKey": "for bob.builder@example.com" });
        olivia.remove_all_with(acme, remove).await.succeeds();
        globex.owner.remove_all_with(globex, removal_of(in_globex)).await.succeeds();

        // Of two emails to him one was refused, and one is on its way.
        invite(&initech.owner, initech, json!([{ "email": ADDRESS }]), "tuesday").await;
        self.roster.deliver().await;
        let error = "UPDATE notifications SET last_error = '550 <bob.builder@example.com>: no such user'
            WHERE recipient_email = 'bob.builder@example.com'";
        use sea_orm::ConnectionTrait;
        self.roster.parts().database.write().execute_unprepared(error).await.unwrap();
        self.roster.pass(chrono::TimeDelta::minutes(5));
        let again = json!({ "invitationId": open_invitation(initech).await });
        initech.owner.mutate("resendInvitation", again, "changed").await.succeeds();
        invite(&umbrella.owner, umbrella, json!([{ "email": "x@example.com" }]), "wednesday").await;
        self
    }

    /// All emails that lie in the folder, as their readers see them, and as they stand there.
    pub(super) fn mails(&self) -> String {
        let files = std::fs::read_dir(self.mail.path()).unwrap().map(|file| file.unwrap().path());
        let mut all = String::new();
        for file in files {
            let bytes = std::fs::read(file).unwrap();
            let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
            all += &String::from_utf8_lossy(&bytes);
            all += &format!("{:?} {:?}", mail.headers(), mail.parts);
        }
        all
    }
}

/// The removal of Bob from Globex, which a script may ask for again.
pub(super) fn removal_of(bob: &Member) -> Value {
    json!({ "members": [{ "memberId": bob.id }], "note": "Thank you, Bob Builder!", "idempotencyKey": "thursday" })
}

async fn invite(by: &Person, organization: &Organization, people: Value, key: &str) -> Value {
    let input = json!({ "organizationId": organization.id, "people": people, "idempotencyKey": key });
    let invited = by.mutate("inviteMembers", input, "results { member { id } invitation { id } }").await;
    invited.succeeds()["results"][0].clone()
}

async fn open_invitation(organization: &Organization) -> Value {
    let open = "invitations(first: 1, status: [PENDING]) { nodes { id } }";
    organization.seen_by(&organization.owner, open).await.at("/organization/invitations/nodes/0/id").clone()
}

/// Invites somebody, who accepts with the link of the email.
async fn join(
    organization: &Organization,
    mail: &TempDir,
    person: &Person,
    role: &str,
    groups: &[&str],
) -> Member {
    let people = json!([{ "email": person.address, "role": role, "groupIds": groups }]);
    let result = invite(&organization.owner, organization, people, &format!("{} joins", person.name)).await;
    let link = link_of(&person.roster, mail, &person.address).await;
    person.accept(&link).await.succeeds();
    let id = |pointer: &str| result.pointer(pointer).unwrap().as_str().unwrap().to_owned();
    Member { id: id("/member/id"), invitation_id: id("/invitation/id"), person: person.clone() }
}

/// The secret in the newest email to an address.
async fn link_of(roster: &Roster, mail: &TempDir, address: &str) -> String {
    roster.deliver().await;
    let mut files: Vec<_> =
        std::fs::read_dir(mail.path()).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let is_to = |bytes: &Vec<u8>| {
        let mail = mail_parser::MessageParser::default().parse(bytes).unwrap();
        mail.to().unwrap().first().unwrap().address().unwrap().eq_ignore_ascii_case(&for_smtp(address))
    };
    let newest = files.iter().rev().map(|file| std::fs::read(file).unwrap()).find(is_to);
    let bytes = newest.unwrap_or_else(|| panic!("{address} has got no email"));
    let mail = mail_parser::MessageParser::default().parse(&bytes).unwrap();
    let text = mail.body_text(0).unwrap();
    let token = text.split_once("#token=").unwrap().1;
    token.split_whitespace().next().unwrap().to_owned()
}

fn for_smtp(address: &str) -> String {
    address.parse::<roster_entity::EmailAddress>().unwrap().for_smtp()
}
