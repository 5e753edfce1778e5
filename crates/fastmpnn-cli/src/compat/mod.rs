//! The drop-in commands: `fastmpnn compat SCRIPT …` takes the place of `python SCRIPT …`.
//!
//! What the published scripts do otherwise than our own commands is here and nowhere else: their options, their random
//! numbers, their file formats, and faults that pipelines may count on.

mod checkpoints;
mod ligand;
mod protein;
mod python;
mod score;
mod scripts;
mod shim;

use std::ffi::OsString;
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::failure::WritingTo;
use crate::printer::Printer;
use python::argparse::{Parsed, Parser, Values};
use scripts::SCRIPTS;

/// Runs a script, or writes shims; the number is how many inputs failed.
pub(crate) fn run(shim: Option<&Path>, command: &[OsString]) -> Result<usize> {
    if let Some(folder) = shim {
        let written = shim::write(folder, &names())?;
        let mut out = std::io::stdout();
        for path in written {
            writeln!(out, "{}", path.display()).writing_to("standard output")?;
        }
        return Ok(0);
    }
    let Some((script, arguments)) = command.split_first() else {
        bail!("compat needs a script; there are {}", names().join(", "));
    };
    let script = PathBuf::from(script);
    let name = script.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let arguments: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    if name == protein::PARSER.program {
        return with_values(&protein::PARSER, &arguments, |values| protein::run(values, &script));
    }
    if name == ligand::PARSER.program {
        return with_values(&ligand::PARSER, &arguments, |values| ligand::run(values, &script));
    }
    if name == score::PARSER.program {
        return with_values(&score::PARSER, &arguments, |values| score::run(values, &script));
    }
    match SCRIPTS.iter().find(|script| script.parser.program == name) {
        Some(script) => with_values(&script.parser, &arguments, |values| (script.run)(&values).map(|()| 0)),
        None => bail!("compat knows no script {name}; there are {}", names().join(", ")),
    }
}

/// Prints a line of results, as the scripts do. When nobody reads it, the files are still wanted.
fn print_line(line: impl Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A warning of ours: the script would say nothing.
fn warn(message: impl Display) {
    Printer::new(false).warn("compat", message);
}

fn names() -> Vec<&'static str> {
    let programs = [protein::PARSER.program, ligand::PARSER.program, score::PARSER.program];
    programs.into_iter().chain(SCRIPTS.iter().map(|script| script.parser.program)).collect()
}

/// Help goes to standard output, what is wrong with the arguments to standard error, as Python's argparse has it.
fn with_values(parser: &Parser, arguments: &[String], run: impl FnOnce(Values) -> Result<usize>) -> Result<usize> {
    match parser.parse(arguments) {
        Parsed::Values(values) => run(values),
        Parsed::Help(text) => {
            write!(std::io::stdout(), "{text}").writing_to("standard output")?;
            Ok(0)
        }
        Parsed::Error(text) => {
            eprintln!("{text}");
            Ok(1)
        }
    }
}
