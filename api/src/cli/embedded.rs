//! `roster` without a subcommand: everything in one process, on SQLite and an in-process queue, for trying it out.

use std::net::SocketAddr;

use roster_entity::Clock;

use super::serve::{canceled_by_signal, listen, serve};
use crate::{
    app::Parts,
    config::{Config, Process},
    development::{
        demo::{self, LEAVER, MEMBER, OWNER},
        examples, secrets, sign_in,
    },
    pages::{self, graphiql::Prefill},
};

pub(super) async fn run(mut config: Config) -> anyhow::Result<()> {
    config.check(Process::Embedded)?;
    // Before anything is written: a second `roster` in the same folder should stop here.
    let listener = listen(&config).await?;
    config.http.listen = listener.local_addr()?;
    secrets::fill_in(&mut config)?;
    let parts = Parts::connect(config, Clock::system()).await?;
    parts.database.migrate().await?;
    demo::seed(&parts).await?;

    // One for both places: a moment later, another one would be minted.
    let owner_token = OWNER.token(&parts)?;
    let pages = parts
        .playground(Some(prefill(&parts, &owner_token).await?))
        .merge(pages::mailbox::router(parts.config.mail.directory.clone()))
        .merge(pages::invitation::router())
        .merge(sign_in::router(parts.membership.clone(), parts.config.auth.clone(), parts.clock.clone()));
    let router = parts.router(pages)?;
    let courier = parts.courier()?;
    let stop = canceled_by_signal();
    println!("{}", welcome(&parts, &owner_token).await?);

    let worker = roster_worker::run(courier, parts.queue.clone(), stop.clone().cancelled_owned());
    let (served, ()) = tokio::join!(serve(listener, router, &parts, stop), worker);
    served
}

async fn prefill(parts: &Parts, token: &str) -> anyhow::Result<Prefill> {
    Ok(Prefill {
        token: token.to_owned(),
        tabs: examples::tabs(parts).await?,
        note: Some(format!("You are {}, an owner of Acme. The emails are at /mail.", OWNER.name)),
    })
}

/// What a newcomer needs to know.
async fn welcome(parts: &Parts, owner_token: &str) -> anyhow::Result<String> {
    let at = parts.config.http.listen;
    let mut text = format!(
        "
Roster is running, with an organization to play with: Acme.

  Playground   http://{at}/graphiql    (you are {owner}, an owner; examples are filled in)
  Mail         http://{at}/mail        (every email that Roster sends; kept in {mail})
  API          http://{at}/graphql

Tokens for 30 days (another one: roster token --email ADDRESS)

  {owner}, an owner:
  {owner_token}

  {member}, a plain member:
  {member_token}
",
        owner = OWNER.name,
        member = MEMBER.name,
        mail = parts.config.mail.directory.display(),
        member_token = MEMBER.token(parts)?,
    );
    if let Some(member) = demo::active_member(parts, LEAVER).await? {
        text += &removal_example(at, owner_token, member.id);
    }
    text += "\nCtrl-C stops it. Delete the folder data to start anew.\n";
    Ok(text)
}

fn removal_example(at: SocketAddr, token: &str, member: roster_entity::MemberId) -> String {
    format!(
        r#"
Remove {name}, then read the email at http://{at}/mail

  curl http://{at}/graphql -H 'Content-Type: application/json' \
    -H 'Authorization: Bearer {token}' \
    -d '{{"query": "mutation {{ removeMember(input: {{memberId: \"{member}\"}}) {{ message errors {{ code message }} }} }}"}}'
"#,
        name = LEAVER.name,
    )
}
