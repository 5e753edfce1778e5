//! Files of probabilities: an array of one structure, or a table of several.

use std::io;
use std::path::Path;

use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::write::{NamedArray, Values, write_npy, write_npz};

use super::{AtomicFile, OutputFailure, WritingTo};
use crate::error::{PipelineError, refusal};
use crate::event::ProbabilityOutcome;
use crate::measure::resolved;
use crate::message::Field;

/// The format of an array on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrayFormat {
    Npz,
    Npy,
    Csv,
}

impl ArrayFormat {
    /// By the ending of a path.
    pub(crate) fn of(path: &Path) -> Result<ArrayFormat, PipelineError> {
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        match ending.as_str() {
            "npz" => Ok(ArrayFormat::Npz),
            "npy" => Ok(ArrayFormat::Npy),
            "csv" => Ok(ArrayFormat::Csv),
            _ => {
                let (out, path) = (Field("out"), path.display());
                Err(refusal(format!("{out} {path}: the ending chooses the format, and must be .npz, .npy or .csv")))
            }
        }
    }
}

/// A file of probabilities.
pub(crate) enum ProbabilityFile<'a> {
    /// The arrays of one structure, written when they are there.
    Arrays { path: &'a Path, format: ArrayFormat, named: &'static str },
    /// A table that grows.
    Table { file: AtomicFile, path: &'a Path, with_header: bool },
}

impl<'a> ProbabilityFile<'a> {
    /// For p, or for ln p.
    pub(crate) fn open(path: &'a Path, as_probabilities: bool) -> Result<ProbabilityFile<'a>, PipelineError> {
        let format = ArrayFormat::of(path)?;
        if format == ArrayFormat::Csv {
            let file = AtomicFile::create(path).writing_to(path.display())?;
            return Ok(ProbabilityFile::Table { file, path, with_header: true });
        }
        Ok(ProbabilityFile::Arrays { path, format, named: if as_probabilities { "probs" } else { "log_probs" } })
    }

    /// Adds a structure.
    pub(crate) fn add(&mut self, probabilities: &ProbabilityOutcome<'_>) -> Result<(), OutputFailure> {
        match self {
            ProbabilityFile::Table { file, path, with_header } => {
                let header = std::mem::replace(with_header, false);
                probabilities.write_csv(file, header).writing_to(path.display())
            }
            ProbabilityFile::Arrays { path, format, named } => {
                write_arrays(path, *format, probabilities, named).writing_to(path.display())
            }
        }
    }

    /// No more structures come.
    pub(crate) fn finish(self) -> Result<(), OutputFailure> {
        match self {
            ProbabilityFile::Table { file, path, .. } => file.commit().writing_to(path.display()),
            ProbabilityFile::Arrays { .. } => Ok(()),
        }
    }
}

fn write_arrays(
    path: &Path,
    format: ArrayFormat,
    probabilities: &ProbabilityOutcome<'_>,
    name: &'static str,
) -> io::Result<()> {
    let residues = &probabilities.structure.residues;
    let count = residues.len();
    let main = || NamedArray {
        name,
        shape: vec![count, VOCABULARY],
        values: Values::Float(probabilities.values.as_flattened()),
    };
    let mut out = AtomicFile::create(path)?;
    if format == ArrayFormat::Npy {
        write_npy(&mut out, &main())?;
        return out.commit();
    }
    let array = |name, values| NamedArray { name, shape: vec![count], values };
    let texts = |text: &dyn Fn(usize) -> String| Values::Text((0..count).map(text).collect());
    let insertion = |index: usize| residues[index].id.insertion.map(String::from).unwrap_or_default();
    let alphabet = Letter::all().map(|letter| letter.to_string()).collect();
    let arrays = vec![
        main(),
        NamedArray { name: "alphabet", shape: vec![VOCABULARY], values: Values::Text(alphabet) },
        array("sequence", texts(&|index| residues[index].letter.to_string())),
        array("chain", texts(&|index| residues[index].id.chain.to_string())),
        array("number", Values::Integer(residues.iter().map(|residue| residue.id.number).collect())),
        array("insertion", texts(&insertion)),
        array("mask", Values::Flag(resolved(probabilities.structure))),
    ];
    write_npz(&mut out, &arrays)?;
    out.commit()
}
