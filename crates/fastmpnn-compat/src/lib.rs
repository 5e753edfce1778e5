//! The published scripts of ProteinMPNN and LigandMPNN: [`run`] takes the place of `python SCRIPT …`.
//!
//! Everything that exists only for these scripts is in this crate: their options, torch's random numbers, their layout
//! of residues, Python's arguments, JSON and number formats, and faults that pipelines may rely on. A test checks that
//! the other crates have none of it.
//!
//! ```
//! use std::path::Path;
//!
//! use fastmpnn_compat::{Console, Outcome, run};
//!
//! /// Keeps what a script prints.
//! #[derive(Default)]
//! struct Kept(String);
//!
//! impl Console for Kept {
//!     fn print(&mut self, text: &str) -> std::io::Result<()> {
//!         self.0.push_str(text);
//!         Ok(())
//!     }
//!     fn print_usage(&mut self, text: &str) {
//!         self.0.push_str(text);
//!     }
//!     fn warn(&mut self, message: &str) {
//!         self.0.push_str(message);
//!     }
//!     fn error(&mut self, message: &str) {
//!         self.0.push_str(message);
//!     }
//! }
//!
//! let mut console = Kept::default();
//! let outcome = run(Path::new("protein_mpnn_run.py"), &["--help".to_owned()], &mut console);
//! assert!(matches!(outcome, Outcome::Finished));
//! assert!(console.0.starts_with("usage: protein_mpnn_run.py"));
//! ```
#![forbid(unsafe_code)]
#![deny(clippy::print_stdout, clippy::print_stderr, clippy::exit)]

mod checkpoints;
mod console;
mod decoding_orders;
mod ligand;
mod outcome;
mod protein;
mod python;
mod run_options;
mod score;
mod scripts;

use std::path::Path;

use anyhow::Result;

use outcome::WritingTo;
use python::argparse::{ParsedArguments, Parser, Values};
use scripts::SCRIPTS;

pub use console::Console;
pub use outcome::{Outcome, OutputFailure, ScriptError};

/// `repr` of a text: its literal in a Python program.
pub fn python_literal(text: &str) -> String {
    python::text::quoted(text)
}

/// Runs a script. `script` is the path it is called by: its file name selects the script, and checkpoints that are not
/// found elsewhere are looked for beside it. `arguments` are those after the script's name.
pub fn run(script: &Path, arguments: &[String], console: &mut dyn Console) -> Outcome {
    let name = script.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name == protein::PARSER.program {
        return with_values(&protein::PARSER, arguments, console, |values, console| {
            protein::run(values, script, console)
        });
    }
    if name == ligand::PARSER.program {
        return with_values(&ligand::PARSER, arguments, console, |values, console| {
            ligand::run(values, script, console)
        });
    }
    if name == score::PARSER.program {
        return with_values(&score::PARSER, arguments, console, |values, console| score::run(values, script, console));
    }
    match SCRIPTS.iter().find(|script| script.parser.program == name) {
        Some(script) => with_values(&script.parser, arguments, console, |values, console| {
            (script.run)(&values, console).map(|()| 0)
        }),
        None => Outcome::Refused(ScriptError::UnknownScript { name, known: script_names() }),
    }
}

/// A published script: its file name, and the folders in which people expect it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PublishedScript {
    /// The script's file name.
    pub name: &'static str,
    /// Whether the published repository also has it in the folder `other_tools`.
    pub in_other_tools: bool,
    /// Whether other programs also have scripts of that name. Those of LigandMPNN have [`LIGAND_OPTION`] in their text.
    pub is_common_name: bool,
}

/// An option that the scripts of LigandMPNN have and other programs' scripts do not.
pub const LIGAND_OPTION: &str = "ligand_mpnn_use_atom_context";

/// All scripts, in the order in which messages list them.
pub fn scripts() -> Vec<PublishedScript> {
    let of_name = |name| PublishedScript {
        name,
        in_other_tools: matches!(name, "make_omit_AA.py" | "make_pssm_dict.py"),
        is_common_name: name == ligand::PARSER.program || name == score::PARSER.program,
    };
    script_names().into_iter().map(of_name).collect()
}

/// The file names of all scripts, in the same order.
pub fn script_names() -> Vec<&'static str> {
    let programs = [protein::PARSER.program, ligand::PARSER.program, score::PARSER.program];
    programs.into_iter().chain(SCRIPTS.iter().map(|script| script.parser.program)).collect()
}

/// Parses the arguments and runs the script. Help goes to standard output and errors in the arguments to standard
/// error, as in Python's argparse.
fn with_values(
    parser: &Parser,
    arguments: &[String],
    console: &mut dyn Console,
    run: impl FnOnce(Values, &mut dyn Console) -> Result<usize>,
) -> Outcome {
    match parser.parse(arguments, console.columns()) {
        ParsedArguments::Values(values) => Outcome::of(run(values, console)),
        ParsedArguments::Help(text) => {
            Outcome::of(console.print(&text).writing_to("standard output").map(|()| 0).map_err(Into::into))
        }
        ParsedArguments::Error(text) => {
            console.print_usage(&format!("{text}\n"));
            Outcome::Usage
        }
    }
}
