//! Reading structures.

use thiserror::Error;

/// A structure could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum StructureError {
    /// The file or stream could not be opened or read.
    #[error("{path}: cannot be read: {source}")]
    Unreadable {
        /// The path as given, or `standard input`.
        path: String,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The content is of a kind that is not read.
    #[error("{file}: {reason}")]
    UnsupportedFormat {
        /// The file.
        file: String,
        /// What it seems to be and what to do.
        reason: String,
    },
    /// Nothing in the file is an atom.
    #[error("{file}: holds no atoms: {reason}")]
    NoAtoms {
        /// The file.
        file: String,
        /// What was looked for.
        reason: String,
    },
    /// A line or a value breaks the rules of the format.
    #[error("{file}: line {line}: {reason}")]
    Malformed {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        reason: String,
    },
    /// An atom whose residue is known cannot be used.
    #[error("{file}: line {line}: chain {chain}, residue {residue}: {reason}")]
    BadAtom {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// The author's chain id.
        chain: String,
        /// Residue name, number and insertion code.
        residue: String,
        /// What is wrong with it.
        reason: String,
    },
    /// An mmCIF file lacks a column that cannot be done without.
    #[error("{file}: line {line}: the _atom_site loop has no column {column}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The line on which the loop begins, from 1.
        line: usize,
        /// The column, or the columns any of which would do.
        column: String,
    },
    /// A residue that is to be read as a ligand is not there.
    #[error("{file}: {reason}")]
    MissingLigand {
        /// The file.
        file: String,
        /// Which one, and what there is.
        reason: String,
    },
    /// The biological assembly asked for cannot be made.
    #[error("{file}: {reason}")]
    NoAssembly {
        /// The file.
        file: String,
        /// What there is.
        reason: String,
    },
    /// The model asked for is not there.
    #[error("{file}: has no model {asked}; its models are {present}")]
    MissingModel {
        /// The file.
        file: String,
        /// The number asked for.
        asked: i32,
        /// The numbers there are.
        present: String,
    },
}
