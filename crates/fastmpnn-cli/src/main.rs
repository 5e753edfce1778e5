//! The program `fastmpnn`: arguments to settings, settings to a command of the library, results to files.

mod args;
mod atomic_file;
mod columns;
mod commands;
mod compat;
mod context;
mod download;
mod failure;
mod fasta;
mod fasta_folder;
mod growing_table;
mod inputs;
mod interrupt;
mod models;
mod network;
mod printer;
mod results_folder;
mod sample_names;
mod selection_files;
mod sequences;
mod settings;
mod threads;
mod trb;
mod visible;

use std::process::ExitCode;

use clap::FromArgMatches;

fn main() -> ExitCode {
    let matches = match args::Args::command_line().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return failure::bad_usage(&error),
    };
    let arguments = match args::Args::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => return failure::bad_usage(&error),
    };
    failure::exit_code(args::effects::check(&matches).and_then(|()| commands::run(arguments)))
}
