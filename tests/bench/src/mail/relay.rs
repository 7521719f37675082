//! A mail server that takes every mail and keeps none. It counts, and notes when each came. Each connection has a thread of
//! its own, which waits by sleeping: a delay of five milliseconds takes five milliseconds, and not the six of a timer wheel.

use std::{
    collections::HashSet,
    io::{self, BufRead, BufReader, Read, Write, stdin},
    net::{TcpListener, TcpStream},
    process::exit,
    sync::{Arc, Mutex, MutexGuard},
    thread,
    time::Duration,
};

use anyhow::Result;
use roster_entity::Clock;
use serde_json::json;

/// How it behaves.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How long it takes for each answer, in milliseconds.
    #[arg(long, default_value_t = 0)]
    delay: u64,
}

/// What it has seen since it was reset.
#[derive(Default)]
struct Seen {
    /// The Message-ID of each mail, and when it came, in microseconds since 1970.
    mails: Vec<(String, i64)>,
    /// The last mail.
    last: Vec<u8>,
    /// Connections in the middle of a mail.
    busy: HashSet<u64>,
    /// The most of them at one time.
    connections: usize,
}

struct Site {
    delay: Duration,
    clock: Clock,
    seen: Mutex<Seen>,
}

/// Takes mails until standard input ends, which it does with the process that has started this one.
pub(crate) fn run(args: &Args) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("address={}", listener.local_addr()?);
    thread::spawn(|| {
        let _ = stdin().read_to_end(&mut Vec::new());
        exit(0)
    });
    let delay = Duration::from_millis(args.delay);
    let site = Arc::new(Site { delay, clock: Clock::system(), seen: Mutex::default() });
    for number in 0.. {
        let (stream, _) = listener.accept()?;
        let site = site.clone();
        thread::spawn(move || {
            // A client that hangs up is no reason to complain.
            let _ = site.serve(stream, number);
            site.is_done(number);
        });
    }
    Ok(())
}

impl Site {
    fn serve(&self, mut stream: TcpStream, number: u64) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut lines = BufReader::new(stream.try_clone()?);
        stream.write_all(b"220 relay.example.com\r\n")?;
        let mut line = Vec::new();
        loop {
            line.clear();
            if lines.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            let command = String::from_utf8_lossy(&line).trim().to_ascii_uppercase();
            let verb = command.split([' ', ':']).next().unwrap_or_default();
            let answer = match verb {
                "EHLO" => "250-relay.example.com\r\n250 8BITMIME\r\n".to_owned(),
                "HELO" | "MAIL" | "RCPT" | "RSET" | "NOOP" => "250 2.0.0 ok\r\n".to_owned(),
                "DATA" => "354 go on\r\n".to_owned(),
                "QUIT" => "221 2.0.0 bye\r\n".to_owned(),
                "XREPORT" => format!("250 {}\r\n", self.report()),
                "XRESET" => {
                    *self.seen() = Seen::default();
                    "250 forgotten\r\n".to_owned()
                }
                _ => "502 5.5.2 not known here\r\n".to_owned(),
            };
            if !verb.starts_with('X') {
                thread::sleep(self.delay);
            }
            stream.write_all(answer.as_bytes())?;
            match verb {
                "QUIT" => return Ok(()),
                "MAIL" => self.begins(number),
                "RSET" => self.is_done(number),
                "DATA" => {
                    self.take(read_mail(&mut lines)?);
                    thread::sleep(self.delay);
                    self.is_done(number);
                    stream.write_all(b"250 2.0.0 taken\r\n")?;
                }
                _ => {}
            }
        }
    }

    fn begins(&self, connection: u64) {
        let mut seen = self.seen();
        seen.busy.insert(connection);
        seen.connections = seen.connections.max(seen.busy.len());
    }

    fn is_done(&self, connection: u64) {
        self.seen().busy.remove(&connection);
    }

    fn take(&self, mail: Vec<u8>) {
        let (now, id) = (self.clock.now().timestamp_micros(), message_id(&mail));
        let mut seen = self.seen();
        seen.mails.push((id, now));
        seen.last = mail;
    }

    fn report(&self) -> serde_json::Value {
        let Seen { mails, last, connections, .. } = &*self.seen();
        let times: Vec<_> = mails.iter().map(|(_, time)| *time).collect();
        let (first, end) = (times.iter().min(), times.iter().max());
        // All ids of a few mails; of very many nobody asks for them.
        let received = if mails.len() <= 2000 { &mails[..] } else { &[] };
        json!({
            "mails": mails.len(),
            "different": mails.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(),
            "first": first,
            "last": end,
            "connections": connections,
            "received": received,
            "mail": String::from_utf8_lossy(last),
        })
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().expect("nothing panics while it holds what was seen")
    }
}

/// A mail, up to the dot that ends it.
fn read_mail(lines: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut mail = Vec::with_capacity(8 * 1024);
    loop {
        let start = mail.len();
        if lines.read_until(b'\n', &mut mail)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if mail[start..] == *b".\r\n" {
            mail.truncate(start);
            return Ok(mail);
        }
    }
}

fn message_id(mail: &[u8]) -> String {
    let head = String::from_utf8_lossy(&mail[..mail.len().min(4096)]);
    let found = head.lines().take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_ends_with_a_dot_alone_on_a_line() {
        let mut wire = &b"Subject: x\r\nMessage-ID: <7@example.com>\r\n\r\n..\r\na.\r\n.\r\nQUIT\r\n"[..];
        let mail = read_mail(&mut wire).unwrap();
        assert_eq!(message_id(&mail), "<7@example.com>");
        assert!(mail.ends_with(b"a.\r\n"));
        assert_eq!(wire, b"QUIT\r\n");
        assert!(read_mail(&mut wire).is_err());
    }
}
