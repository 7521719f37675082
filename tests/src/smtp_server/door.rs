//! Whether anybody can connect.

use std::{
    iter,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::Arc,
};

use tokio::{
    net::TcpSocket,
    task::{JoinHandle, JoinSet},
};

use super::{Site, session::Session};
use crate::servers::draw_port;

pub(super) enum Door {
    Open(JoinHandle<()>),
    /// A socket that does not listen: it keeps the port, and who connects is refused.
    Shut {
        _port: TcpSocket,
    },
}

impl Door {
    /// Listens at a port, or at a free one that it keeps when it is shut.
    pub(super) fn open(port: Option<u16>, site: Arc<Site>) -> (Self, SocketAddr) {
        let bind = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).ok();
        let listener = match port {
            Some(port) => bind(port).expect("nobody else has taken the port"),
            None => iter::repeat_with(draw_port).find_map(bind).expect("it goes on for ever"),
        };
        let address = listener.local_addr().expect("a bound socket has an address");
        listener.set_nonblocking(true).expect("a socket");
        let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
        (Self::Open(tokio::spawn(accept(listener, site))), address)
    }

    /// Ends all connections, and refuses others.
    pub(super) async fn shut(mut self, address: SocketAddr) -> Self {
        if let Self::Open(accepting) = &mut self {
            accepting.abort();
            // Until the listener is gone.
            let _ = accepting.await;
        }
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_reuseaddr(true).expect("a socket");
        socket.bind(address).expect("nobody else has taken the port");
        Self::Shut { _port: socket }
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        if let Self::Open(accepting) = self {
            accepting.abort();
        }
    }
}

/// Serves every connection in a task of its own. The tasks end with this one, as the set owns them.
async fn accept(listener: tokio::net::TcpListener, site: Arc<Site>) {
    let mut sessions = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (socket, _) = accepted.expect("a listening socket accepts");
                site.connections.send_modify(|count| *count += 1);
                sessions.spawn(Session::serve(socket, site.clone()));
            }
            // An error ends only its own session: the client has gone, or did not shake hands.
            Some(_) = sessions.join_next() => {}
        }
    }
}
