//! The application as a front end meets it: requests in, events and files out.

mod cache;
mod collector;
mod containers;
mod crates;
mod design;
mod dictionaries;
mod lanes;
mod manifest;
mod manifest_columns;
mod others;
mod planned;
#[path = "../../../fastmpnn/tests/it/published_checkpoint.rs"]
mod published_checkpoint;
mod report;
mod requests;
mod resuming;
mod scan;
mod stopping;
mod warm;
