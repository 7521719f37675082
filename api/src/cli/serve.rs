//! `roster serve`: the API in production.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use roster_entity::Clock;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::stop_signal;
use crate::{
    app::Parts,
    config::{Config, Process},
};

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    config.check(Process::Serve)?;
    let parts = Parts::connect(config, Clock::system()).await?;
    parts.database.require_schema().await?;
    let router = parts.router(parts.playground(None))?;
    let listener = listen(&parts.config).await?;
    let stop = canceled_by_signal();
    tracing::info!(address = %listener.local_addr()?, "serving");
    serve(listener, router, &parts, stop).await
}

/// Takes the address of the settings.
pub(super) async fn listen(config: &Config) -> anyhow::Result<TcpListener> {
    let address = config.http.listen;
    TcpListener::bind(address).await.with_context(|| {
        format!("Cannot listen on {address}, the setting http.listen (ROSTER_HTTP__LISTEN). Is another program using it?")
    })
}

/// Answers requests until `stop`, and then those that have begun, for as long as a request may take. WebSockets and event
/// streams end, so that their clients connect again elsewhere.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    parts: &Parts,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let patience = parts.config.http.request_timeout();
    let too_late = async {
        stop.cancelled().await;
        tokio::time::sleep(patience).await;
    };
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let streams = async {
        stop.cancelled().await;
        parts.streams.close().await;
    };
    let server = async {
        let served =
            axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned()).await;
        stop.cancel();
        served
    };
    tokio::select! {
        (served, ()) = async { tokio::join!(server, streams) } => served?,
        () = too_late => tracing::warn!("stopped before all requests were answered"),
    }
    Ok(())
}

/// A token that is canceled when the process is asked to stop.
pub(super) fn canceled_by_signal() -> CancellationToken {
    let (stop, signal) = (CancellationToken::new(), stop_signal());
    let canceled = stop.clone();
    tokio::spawn(async move {
        signal.await;
        stop.cancel();
        tracing::info!("stopping");
    });
    canceled
}
