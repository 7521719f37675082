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

/// The names of all keys, as Redis says them.
pub async fn redis_keys(url: &str) -> String {
    let mut redis = connect(url).await;
    redis.write_all(b"KEYS *\r\nQUIT\r\n").await.expect("Redis listens");
    let mut answer = String::new();
    redis.read_to_string(&mut answer).await.expect("Redis answers");
    answer
}

/// Sees every command that a Redis is given.
pub struct RedisMonitor {
    lines: Lines<BufReader<TcpStream>>,
    url: String,
}

impl RedisMonitor {
    /// From now on, of the tests' Redis.
    pub async fn start() -> Self {
        Self::of(&redis_url()).await
    }

    /// The same of another one.
    pub async fn of(url: &str) -> Self {
        let mut redis = connect(url).await;
        redis.write_all(b"MONITOR\r\n").await.expect("Redis listens");
        let mut lines = BufReader::new(redis).lines();
        assert_eq!(lines.next_line().await.expect("Redis answers").as_deref(), Some("+OK"));
        Self { lines, url: url.to_owned() }
    }

    /// Everything until now, a command a line.
    pub async fn everything(mut self) -> String {
        let end = "the end of everything";
        ask(&self.url, &format!("ECHO \"{end}\"")).await;
        let mut all = String::new();
        loop {
            let line = self.lines.next_line().await.expect("Redis answers").expect("Redis goes on");
            if line.contains(end) {
                return all;
            }
            all += &line;
            all.push('\n');
        }
    }

    /// The names of the commands that named this key, until now. What a script does is not among them, its call is.
    pub async fn commands_on(mut self, key: &str) -> Vec<String> {
        let end = format!("the end of {key}");
        ask(&self.url, &format!("ECHO \"{end}\"")).await;
        let mut commands = Vec::new();
        loop {
            let line = self.lines.next_line().await.expect("Redis answers").expect("Redis goes on");
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
    let server = url.strip_prefix("redis://").expect("an address of Redis");
    let (user, address) = server.rsplit_once('@').unwrap_or(("", server));
    let mut redis = TcpStream::connect(address).await.expect("the tests' Redis can be reached");
    if let Some((_, password)) = user.split_once(':') {
        redis.write_all(format!("AUTH {password}\r\n").as_bytes()).await.expect("Redis listens");
        let mut answer = [0; 5];
        redis.read_exact(&mut answer).await.expect("Redis answers");
        assert_eq!(&answer, b"+OK\r\n");
    }
    redis
}
