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
    /// The content is of an unsupported kind.
    #[error("{file}: {reason}")]
    UnsupportedFormat {
        /// The file.
        file: String,
        /// What the content seems to be, and what to do.
        reason: String,
    },
    /// The file holds no atoms.
    #[error("{file}: holds no atoms: {reason}")]
    NoAtoms {
        /// The file.
        file: String,
        /// What was searched for.
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
    /// An mmCIF file lacks a required column.
    #[error("{file}: line {line}: the _atom_site loop has no column {column}")]
    MissingColumn {
        /// The file.
        file: String,
        /// The line on which the loop begins, from 1.
        line: usize,
        /// The missing column, or the alternatives of which one is needed.
        column: String,
    },
    /// A column of atoms is longer or shorter than the column of positions.
    #[error("{file}: column {column} has {found} rows, column position {expected}")]
    ColumnLength {
        /// The structure's name.
        file: String,
        /// The column.
        column: &'static str,
        /// Its rows.
        found: usize,
        /// The rows of the positions, one for each atom.
        expected: usize,
    },
    /// A value in a column of atoms cannot be used.
    #[error("{file}: column {column}, row {row}, residue {residue}: {reason}")]
    BadRow {
        /// The structure's name.
        file: String,
        /// The column.
        column: &'static str,
        /// The row, from 0.
        row: usize,
        /// The atom's residue, as selections name it.
        residue: String,
        /// What is wrong with the value.
        reason: String,
    },
    /// No residue matches a choice of ligands.
    #[error("{file}: {reason}")]
    MissingLigand {
        /// The file.
        file: String,
        /// The choice, and the residues that come nearest.
        reason: String,
    },
    /// The requested biological assembly cannot be built.
    #[error("{file}: {reason}")]
    NoAssembly {
        /// The file.
        file: String,
        /// Why, and which assemblies the file has.
        reason: String,
    },
    /// The file has no model with the requested number.
    #[error("{file}: has no model {asked}; its models are {present}")]
    MissingModel {
        /// The file.
        file: String,
        /// The requested number.
        asked: i32,
        /// The numbers of the models in the file.
        present: String,
    },
}
