//! The small local site of `perilune demo`: a form, a long page and a moving one.

use std::net::{Ipv4Addr, SocketAddr};

use axum::Router;
use axum::extract::Query;
use axum::response::Html;
use axum::routing::get;
use serde::Deserialize;
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// A running site; ends when dropped.
pub(super) struct Site {
    pub(super) address: SocketAddr,
    _task: AbortOnDropHandle<std::io::Result<()>>,
}

#[derive(Deserialize)]
struct Order {
    name: String,
    destination: String,
}

impl Site {
    pub(super) async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let site = Router::new()
            .route("/", get(|| async { Html(page("Moon trips", FORM)) }))
            .route(
                "/booked",
                get(|Query(order): Query<Order>| async move { Html(page("Booked", &booked(&order))) }),
            )
            .route("/flight", get(|| async { Html(page("Flight", FLIGHT)) }));
        let task = tokio::spawn(async move { axum::serve(listener, site).await });
        Ok(Self {
            address,
            _task: AbortOnDropHandle::new(task),
        })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

const FORM: &str = r#"
<h1>Moon trips</h1>
<form action="/booked">
  <label>Your name <input name="name" placeholder="Your name" required></label>
  <label>Destination <select name="destination"><option>Mare Imbrium<option>Tycho<option>Far side</select></label>
  <button>Book the trip</button>
</form>"#;

const FLIGHT: &str = r#"
<h1>On the way</h1>
<p id="clock"></p>
<div id="track"><svg id="ship" viewBox="0 0 60 60"><path fill="rgb(232 236 255)" d="M58 30C48 20 34 18 18 20V40C34 42 48 40 58 30Z"/><path fill="rgb(76 125 255)" d="M18 20 6 8 10 30 6 52 18 40Z"/><circle fill="rgb(14 20 32)" cx="40" cy="30" r="5"/></svg></div>
<script>
  const ship = document.getElementById("ship"), clock = document.getElementById("clock");
  requestAnimationFrame(function move(now) {
    ship.style.transform = `translateX(${(Math.sin(now / 900) + 1) * 45}vw)`;
    clock.textContent = (now / 1000).toFixed(1) + " s since lift-off";
    requestAnimationFrame(move);
  });
</script>"#;

fn booked(order: &Order) -> String {
    let lines: String = (1..=40)
        .map(|n| format!("<li>Item {n} of the packing list</li>"))
        .collect();
    let (name, destination) = (escape(&order.name), escape(&order.destination));
    format!(
        "<h1>Booked</h1><p id=done>{name} flies to {destination}.</p><ol>{lines}</ol><p><a href=/flight>Watch the flight</a></p>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn page(title: &str, body: &str) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>{title}</title><style>\
         body {{ font: 20px/1.6 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; background: #101522; color: #e9edf7; }}\
         label {{ display: block; margin: 1rem 0; }} input, select, button {{ font: inherit; padding: .4rem .8rem; border-radius: .4rem; border: 1px solid #51608a; }}\
         button {{ background: #4c7dff; color: #fff; }} a {{ color: #9bb8ff; }} #ship {{ width: 5rem; }}\
         </style>{body}</html>"
    )
}
