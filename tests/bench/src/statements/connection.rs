//! What Roster asks of a connection when it opens it, so that those it is compared with ask for the same: it stands in the
//! first message to PostgreSQL, and nowhere else.

use std::sync::{Arc, Mutex};

use anyhow::{Context, Result};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::site::Site;

/// The `options` of Roster's connections, as PGOPTIONS takes them: `-c lock_timeout=10s`.
pub(crate) async fn options_of_connections(site: &Site, token: &str) -> Result<String> {
    let (user, rest) = site.database.rsplit_once('@').context("the address of a database has a user")?;
    let (server, database) = rest.split_once('/').context("the address of a database has its name")?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("{user}@{}/{database}?sslmode=disable", listener.local_addr()?);
    let seen = Arc::<Mutex<String>>::default();
    let door = tokio::spawn(pass_on(listener, server.to_owned(), seen.clone()));

    let mut command = site.roster(&["serve"]);
    command.env("ROSTER_DATABASE__URL", url);
    let roster = site.serve_as(command, token).await?;
    roster.process.stop().await?;
    door.abort();
    let options = seen.lock().expect("nothing panics while it holds the text").clone();
    Ok(options)
}

async fn pass_on(listener: TcpListener, server: String, seen: Arc<Mutex<String>>) -> Result<()> {
    loop {
        let (client, _) = listener.accept().await?;
        let server = TcpStream::connect(&server).await?;
        let passing: JoinHandle<Result<()>> = tokio::spawn(connection(client, server, seen.clone()));
        drop(passing);
    }
}

async fn connection(mut client: TcpStream, mut server: TcpStream, seen: Arc<Mutex<String>>) -> Result<()> {
    let length = client.read_u32().await?;
    let mut message = vec![0; length.saturating_sub(4) as usize];
    client.read_exact(&mut message).await?;
    if let Some(options) = options_in(&message) {
        *seen.lock().expect("nothing panics while it holds the text") = options;
    }
    server.write_u32(length).await?;
    server.write_all(&message).await?;
    copy_bidirectional(&mut client, &mut server).await?;
    Ok(())
}

/// The value of `options` in a startup message: after the version come names and values, each with a zero at its end.
fn options_in(message: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(message.get(4..)?).into_owned();
    let mut words = text.split('\0');
    words.find(|&word| word == "options")?;
    words.next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_among_the_parameters() {
        let message = b"\0\x03\0\0user\0postgres\0options\0-c lock_timeout=10s\0database\0x\0\0";
        assert_eq!(options_in(message).as_deref(), Some("-c lock_timeout=10s"));
        assert_eq!(options_in(b"\0\x03\0\0user\0postgres\0\0"), None);
    }
}
