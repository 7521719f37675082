//! What Redis holds and what it is told, as Redis itself says it.

use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    net::TcpStream,
};

use crate::redis_url;

/// The first line of what Redis answers to a command.
pub(crate) async fn ask(url: &str, command: &str) -> String {
    let mut redis = connect(url).await;
    redis.write_all(format!("{command}\r\n").as_bytes()).await.expect("Redis listens");
    let mut line = String::new();
    BufReader::new(redis).read_line(&mut line).await.expect("Redis answers");
    line.trim_end().to_owned()
}

/// All that stands in a list, as Redis says it, without taking it out: `*0` and no more if there is nothing.
pub async fn redis_list(url: &str, key: &str) -> String {
    let mut redis = connect(url).await;
    redis.write_all(format!("LRANGE {key} 0 -1\r\nQUIT\r\n").as_bytes()).await.expect("Redis listens");
    let mut answer = String::new();
    redis.read_to_string(&mut answer).await.expect("Redis answers");
    answer.strip_suffix("+OK\r\n").expect("a goodbye").to_owned()
}

/// Sees every command that the tests' Redis is given.
pub struct RedisMonitor(Lines<BufReader<TcpStream>>);

impl RedisMonitor {
    /// From now on.
    pub async fn start() -> Self {
        let mut redis = connect(&redis_url()).await;
        redis.write_all(b"MONITOR\r\n").await.expect("Redis listens");
        let mut lines = BufReader::new(redis).lines();
        assert_eq!(lines.next_line().await.expect("Redis answers").as_deref(), Some("+OK"));
        Self(lines)
    }

    /// The names of the commands that named this key, until now. What a script does is not among them, its call is.
    pub async fn commands_on(mut self, key: &str) -> Vec<String> {
        let end = format!("the end of {key}");
        ask(&redis_url(), &format!("ECHO \"{end}\"")).await;
        let mut commands = Vec::new();
        loop {
            let line = self.0.next_line().await.expect("Redis answers").expect("Redis goes on");
            if line.contains(&end) {
                return commands;
            }
            // +1763784000.123456 [0 127.0.0.1:40000] "EVALSHA" "…" "1" "the key" …
            let (from, words) = line.split_once("] ").unwrap_or_default();
            if words.contains(&format!("\"{key}\"")) && !from.ends_with(" lua") {
                commands.push(words.split('"').nth(1).expect("a quoted name").to_owned());
            }
        }
    }
}

/// Hears what is published on a channel.
pub struct RedisChannel(Lines<BufReader<TcpStream>>);

impl RedisChannel {
    pub(crate) async fn subscribe(url: &str, channel: &str) -> Self {
        let mut redis = connect(url).await;
        redis.write_all(format!("SUBSCRIBE {channel}\r\n").as_bytes()).await.expect("Redis listens");
        let mut heard = Self(BufReader::new(redis).lines());
        heard.line_with(":1").await;
        heard
    }

    /// The next message, in JSON.
    pub async fn next(&mut self) -> String {
        self.line_with("{").await
    }

    async fn line_with(&mut self, start: &str) -> String {
        loop {
            let line = self.0.next_line().await.expect("Redis answers").expect("Redis goes on");
            if line.starts_with(start) {
                return line;
            }
        }
    }
}

async fn connect(url: &str) -> TcpStream {
    let address = url.strip_prefix("redis://").expect("an address of Redis");
    TcpStream::connect(address).await.expect("the tests' Redis can be reached")
}
