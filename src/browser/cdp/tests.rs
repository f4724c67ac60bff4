//! The connection against a pipe whose other end the test plays.

use super::*;
use chromiumoxide_cdp::cdp::browser_protocol::page::{CrashParams, ReloadParams};
use tokio::io::AsyncReadExt;

fn pair() -> (Connection, tokio::io::DuplexStream, tokio::io::DuplexStream) {
    let (ours_in, theirs_out) = tokio::io::duplex(1 << 16);
    let (theirs_in, ours_out) = tokio::io::duplex(1 << 16);
    (
        Connection::start(ours_in, ours_out, Duration::from_millis(200)),
        theirs_in,
        theirs_out,
    )
}

#[tokio::test]
async fn crash_and_end_of_pipe_fail_what_waits() {
    let (connection, _in, mut out) = pair();
    let page = connection.target("S1");
    let other = connection.target("S2");
    let (first, second) = (page.post(CrashParams::default()), other.post(ReloadParams::default()));
    out.write_all(b"{\"method\":\"Inspector.targetCrashed\",\"sessionId\":\"S1\",\"params\":{}}\0")
        .await
        .expect("pipe");
    assert!(matches!(first.await, Err(CdpError::Crashed)));
    drop(out);
    assert!(matches!(second.await, Err(CdpError::Gone)));
    connection.closed().await;
    assert!(matches!(page.call(ReloadParams::default()).await, Err(CdpError::Gone)));
}

#[tokio::test]
async fn detach_fails_only_its_session_and_a_deadline_ends_the_rest() {
    let (connection, mut requests, mut out) = pair();
    let (gone, silent) = (connection.target("S1"), connection.target("S2"));
    let (first, second) = (gone.post(ReloadParams::default()), silent.post(ReloadParams::default()));
    let mut sent = vec![0; 16];
    requests.read_exact(&mut sent).await.expect("commands are written");
    let detached = b"{\"method\":\"Target.detachedFromTarget\",\"params\":{\"sessionId\":\"S1\"}}\0";
    out.write_all(detached).await.expect("pipe");
    assert!(matches!(first.await, Err(CdpError::Detached)));
    assert!(matches!(second.await, Err(CdpError::Deadline { .. })));
}

#[tokio::test]
async fn an_answer_with_unknown_fields_is_understood() {
    let (connection, _in, mut out) = pair();
    let answer = connection.root().post(ReloadParams::default());
    out.write_all(b"not json\0{\"id\":1,\"result\":{\"new\":1}}\0")
        .await
        .expect("pipe");
    assert!(answer.await.is_ok());
}

#[tokio::test]
async fn lost_news_of_requests_leave_word_once_and_displace_nothing() {
    let (connection, _in, mut out) = pair();
    let mut events = connection.target("S1").events();
    let message = |method: &str| format!("{{\"method\":\"{method}\",\"sessionId\":\"S1\",\"params\":{{}}}}\0");
    let many = message("Network.loadingFinished").repeat(queue::LENGTH) + &message("Page.frameNavigated");
    let writing = tokio::spawn(async move {
        out.write_all(many.as_bytes()).await.expect("pipe");
        out
    });
    let mut out = writing.await.expect("written");
    // Read only when all of it has arrived.
    let answer = connection.root().post(ReloadParams::default());
    out.write_all(b"{\"id\":1,\"result\":{}}\0").await.expect("pipe");
    assert!(answer.await.is_ok());
    let mut seen = Vec::new();
    while let Ok(event) = events.try_recv() {
        seen.push(event.method);
    }
    assert_eq!(
        seen.len(),
        queue::LENGTH / 2 + 3,
        "as many as fit, the word, and what must not be lost"
    );
    assert_eq!(seen[seen.len() - 2..], [LOST, "Page.frameNavigated"]);
    // Room again: they are told again.
    out.write_all(message("Network.loadingFinished").as_bytes())
        .await
        .expect("pipe");
    assert_eq!(events.recv().await.expect("an event").method, "Network.loadingFinished");
}
