//! The program `fastmpnn`: arguments to settings, settings to a command of the library, results to files.

mod args;
mod atomic_file;
mod columns;
mod commands;
mod compat;
mod context;
mod download;
mod failure;
mod growing_table;
mod inputs;
mod interrupt;
mod network;
mod printer;
mod results_folder;
mod sample_names;
mod sequences;
mod settings;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = args::Args::parse();
    failure::exit_code(commands::run(arguments))
}
