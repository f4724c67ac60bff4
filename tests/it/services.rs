//! What `ctx` gives to scripts beyond the page, on a real host: values, events, requests, credentials.

mod bed;
mod credentials;
mod kept;
mod requests;
