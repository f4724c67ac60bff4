//! The pool: rooms share processes, all end in time, and what a killed host left is removed.

use std::time::Duration;

use futures_util::future::join_all;
use perilune::browser::Error;
use perilune::policy::Rules;

use super::HOME;
use crate::support::bench::{BROWSER, Bench, SHELL, entries, pool, processes_of, spec, until};
use crate::support::{Host, Site};

#[tokio::test(flavor = "multi_thread")]
async fn rooms_share_processes_and_empty_ones_end() {
    let bench = Bench::with(SHELL, |browser| {
        browser.sessions_per_process = 2;
        browser.max_sessions = 5;
    });
    bench.pool.warm().await.expect("a warm process");
    let rooms = join_all((0..5).map(|_| bench.open())).await;
    let sixth = bench.pool.open(spec(Rules::open())).await;
    assert!(matches!(sixth, Err(Error::Busy { limit: 5 })));
    let seats: Vec<usize> = bench.pool.processes().iter().map(|(_, seats)| *seats).collect();
    assert_eq!(seats.iter().sum::<usize>(), 5, "{seats:?}");
    assert!(seats.iter().all(|seats| *seats <= 2), "{seats:?}");
    // Dropping the last handle closes too.
    drop(rooms);
    until("only the warm process is left", || {
        let seats = bench.pool.processes().into_iter().map(|(_, seats)| seats);
        seats.collect::<Vec<_>>() == [0]
    })
    .await;
    until("the folders of the others are gone", || {
        entries(bench.folder.path()).len() == 2
    })
    .await;
    bench.finish().await;
}

/// Opens so many rooms below a folder with a very long name, and ends them all.
async fn ends_in_time(executable: &str, count: usize) {
    let outer = tempfile::tempdir().expect("a temporary folder");
    let deep = outer.path().join("a-folder-with-a-long-name-".repeat(6));
    let pool = pool(executable, &deep, |_| {});
    let opened = join_all((0..count).map(|_| pool.open(spec(Rules::open())))).await;
    let opened: Vec<_> = opened.into_iter().map(|room| room.expect("a context")).collect();
    let names = entries(&deep);
    assert!(!names.is_empty());
    let end = async {
        join_all(opened.iter().map(|(context, _)| context.close())).await;
        pool.shutdown().await;
    };
    let within = Duration::from_secs(20);
    tokio::time::timeout(within, end).await.expect("all end in time");
    assert_eq!(entries(&deep), Vec::<String>::new());
    until("no process is left", || processes_of(&deep).is_empty()).await;
    // Sockets of deep folders stand elsewhere, since their paths may not be long.
    let sockets = entries(&std::env::temp_dir());
    let left: Vec<_> = sockets
        .iter()
        .filter(|socket| names.iter().any(|name| socket.contains(name)))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_rooms_in_a_deep_folder_end_in_time() {
    ends_in_time(SHELL, 20).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_of_the_whole_chromium_end_in_time() {
    ends_in_time(BROWSER, 2).await;
}

on_both!(what_a_killed_host_left_is_removed);
async fn what_a_killed_host_left_is_removed(executable: &str) {
    let site = Site::start(&[HOME]).await;
    let mut host = Host::with_settings(vec![("browser.executable", executable.to_owned())]).await;
    host.open("r", &site.url("/")).await;
    let profiles = host.folder.path().join("data/profiles");
    assert!(!processes_of(&profiles).is_empty());
    let left = entries(&profiles);
    host.kill().await;
    until("Chromium ends by the end of its pipe", || {
        processes_of(&profiles).is_empty()
    })
    .await;
    assert_eq!(entries(&profiles), left, "nobody has removed the profiles yet");
    host.restart().await;
    let now = entries(&profiles);
    assert!(
        now.iter().all(|name| !left.contains(name)),
        "left {left:?}, there are {now:?}"
    );
}
