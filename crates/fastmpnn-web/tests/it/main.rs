//! Tests of the service from outside: a client and the service in one process.

mod bounds;
mod client;
mod designs;
mod foreign;
mod interface;
mod jobs;
mod nim;
mod page;
mod tasks;
mod tricks;
