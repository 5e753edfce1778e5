//! The program `fastmpnn` as a library, so that other front ends can run it: arguments to a request, the request to the
//! pipeline, its events to the terminal.

mod args;
mod columns;
mod commands;
mod download;
mod failure;
mod interrupt;
mod printer;
mod shim;
mod terminal;
mod visible;

use std::ffi::OsString;

use clap::FromArgMatches;
use fastmpnn_pipeline::threads;

/// Runs the program with these arguments, its own name first, on this process's standard streams. Returns the exit
/// code: 0 for success, 1 if a result could not be written or was wrong, 2 for bad input, 130 after Ctrl-C.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    let matches = match args::Args::command_line().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return failure::bad_usage(&error),
    };
    let arguments = match args::Args::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => return failure::bad_usage(&error),
    };
    failure::exit_code(args::effects::check(&matches).and_then(|()| commands::run(arguments)))
}
