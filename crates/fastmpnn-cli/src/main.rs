//! The program `fastmpnn`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(fastmpnn_cli::run(std::env::args_os()))
}
