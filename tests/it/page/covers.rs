//! What lies in the way: sticky headers, transparent layers, lists that scroll, things that move, pages that change.

use perilune::browser::{Locator, PageError};
use perilune::protocol::{ErrorType, Failure};
use serde_json::json;

use super::{SHORT, Stage, index};

const PAGE: &str = "<!doctype html><title>covers</title><style>
  body { margin: 0; height: 6000px } header, footer { position: fixed; left: 0; right: 0; height: 200px; background: #cde }
  header { top: 0 } footer { bottom: 0 } .at { position: absolute; left: 20px }
  #glass { position: absolute; left: 0; top: 2400px; width: 400px; height: 200px; opacity: 0; z-index: 5 }
  #pass { position: absolute; left: 500px; top: 2400px; width: 400px; height: 200px; pointer-events: none; z-index: 5 }
  #list { position: absolute; left: 20px; top: 3000px; width: 300px; height: 120px; overflow: auto }
  #wide { width: 5000px; height: 2000px; position: relative }
  #list b { position: sticky; top: 0; display: block; height: 60px; background: #fed; z-index: 2 }
  #rail { position: absolute; left: 20px; top: 3400px; width: 600px; height: 60px; overflow: hidden }
  .slide { animation: slide .8s ease-out forwards; position: absolute; left: 0; top: 4000px }
  @keyframes slide { to { left: 400px } }
</style><script>var log = []; addEventListener('click', (e) => log.push(e.target.id))</script>
<header id=head>Header</header><footer id=foot>Footer</footer>
<button class=at id=under-head style='top: 1000px'>Under the header</button>
<button class=at id=glassed style='top: 2450px'>Behind glass</button><div id=glass></div>
<button class=at id=open style='top: 2450px; left: 550px'>Behind air</button><div id=pass></div>
<div id=list><b id=stuck>Stuck</b><div id=wide><button id=deep style='position:absolute;left:4000px;top:1500px'>Deep</button></div></div>
<div id=rail><div style='width:3000px'><button id=hidden-rail style='margin-left:2000px'>Rail</button></div></div>
<button id=slider style='position: absolute; top: 4000px; left: 0'>Slider</button>
<div class=at style='top:4200px;width:80px;height:30px;overflow:hidden'><button id=clipped style='margin-top:300px'>Clipped</button></div>";

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_brought_to_light_is_clicked() {
    let stage = Stage::new(&[("/", PAGE)]).await;
    // Scrolled so that the header, then the footer, lies over it.
    for top in ["1000 - 50", "1000 - 700"] {
        stage.js(&format!("log.length = 0; scrollTo(0, {top})")).await;
        stage.click("#under-head").await;
        assert_eq!(stage.js("log").await, json!(["under-head"]), "{top}");
    }
    stage.js("log.length = 0").await;
    for selector in ["#open", "#deep", "#hidden-rail", "#clipped"] {
        stage.click(selector).await;
    }
    assert_eq!(stage.js("log").await, json!(["open", "deep", "hidden-rail", "clipped"]));
    // Below the sticky part of its own list.
    stage.js("log.length = 0; list.scrollTop = 1500 + 60 - 20").await;
    stage.click("#deep").await;
    assert_eq!(stage.js("log").await, json!(["deep"]));
    // What slides in is clicked where it comes to rest.
    stage.js("log.length = 0; slider.className = 'slide'").await;
    stage.click("#slider").await;
    assert_eq!(stage.js("log").await, json!(["slider"]));
    assert_eq!(stage.js("slider.getBoundingClientRect().left").await, 400.0);
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_layer_that_nobody_sees_is_named() {
    let stage = Stage::new(&[("/", PAGE)]).await;
    match stage.try_click("#glassed", SHORT).await {
        Err(error @ PageError::NotInteractable { .. }) => {
            let failure = Failure::from(error);
            assert_eq!(failure.error_type, ErrorType::NotInteractable);
            assert!(failure.message.contains("covered by <div id='glass'>"), "{failure}");
            assert_eq!(failure.details["reason"], "it is covered by <div id='glass'>");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(stage.js("log.length").await, 0, "nothing was clicked in its place");
    stage.js("setTimeout(() => glass.remove(), 300)").await;
    stage.click("#glassed").await;
    assert_eq!(
        stage.js("log").await,
        json!(["glassed"]),
        "what goes away is waited for"
    );
    stage.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_index_tells_the_new_revision() {
    let list = "<!doctype html><title>list</title><ul id=ul></ul><script>var log = [];
      function fill(names) { ul.innerHTML = names.map(n => `<li><button onclick='log.push(\"${n}\")'>${n}</button>`).join('') }
      fill(['a', 'b', 'c'])</script>";
    let stage = Stage::new(&[("/", list)]).await;
    let before = stage.snapshot().await.revision;
    // A framework draws the list anew, with one item less.
    stage.js("fill(['b', 'c'])").await;
    for at in [0, 1, 2] {
        let stale = stage.tab.locate(index(at)).await.map(drop);
        let Err(error @ PageError::StaleIndex { .. }) = stale else {
            panic!("{at}: {stale:?}")
        };
        let failure = Failure::from(error);
        assert_eq!(failure.error_type, ErrorType::StaleIndex);
        assert_eq!(failure.details["index"], at);
    }
    let now = stage.snapshot().await.revision;
    assert!(now > before);
    let old = Locator::Index {
        index: 0,
        revision: Some(before),
    };
    let Err(error) = stage.tab.locate(old).await else {
        panic!("an index of an old revision was taken")
    };
    let failure = Failure::from(error);
    assert_eq!(failure.error_type, ErrorType::StaleIndex);
    assert_eq!(failure.details["revision"], before);
    assert_eq!(failure.details["current_revision"], now);
    let right = Locator::Index {
        index: 0,
        revision: Some(now),
    };
    let right = stage.tab.locate(right).await.expect("the first of the new list");
    right.click(super::patient()).await.expect("clicked");
    assert_eq!(stage.js("log").await, json!(["b"]));
    stage.end().await;
}
