//! Frames of another site: known with their parent, and reachable.

use perilune::browser::FrameRef;
use serde_json::{Value, json};

use super::{HOME, TWO};
use crate::support::bench::{Bench, LONG, until};
use crate::support::{Site, eventually};

/// The title of the page in a frame; none while the frame is changing its page.
async fn title_of(frame: &FrameRef) -> Option<Value> {
    let world = json!({ "frameId": frame.frame_id });
    let world = frame.target.call_json::<Value>("Page.createIsolatedWorld", &world);
    let context = world.await.ok()?["executionContextId"].clone();
    let title = json!({ "expression": "document.title", "contextId": context });
    let title = frame.target.call_json::<Value>("Runtime.evaluate", &title);
    Some(title.await.ok()?["result"]["value"].clone())
}

on_both!(frames_of_another_site_are_known);
async fn frames_of_another_site_are_known(executable: &str) {
    let outer = "<title>outer</title><iframe id=f></iframe>
        <script>f.src = 'http://localhost:' + location.port + '/two'</script>";
    let site = Site::start(&[HOME, TWO, ("/outer", outer)]).await;
    let bench = Bench::new(executable);
    let room = bench.open().await;
    room.go(&site.url("/outer")).await;
    let tab = room.tab();
    let found = eventually("the frame has its page", LONG, || async {
        let frame = tab.frames().into_iter().nth(1)?;
        (title_of(&frame).await? == "two").then_some(frame)
    })
    .await;
    assert_eq!(found.parent, Some(0));
    room.go(&site.url("/")).await;
    until("the frame is forgotten", || tab.frames().len() == 1).await;
    room.context.close().await;
    bench.finish().await;
}
