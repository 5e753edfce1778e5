//! `fastmpnn probs`: the distribution over the letters at every residue.

use std::io::{self, BufWriter, Write};
use std::path::Path;

use anyhow::Result;
use fastmpnn::Engine;
use fastmpnn::SampleId;
use fastmpnn::chemistry::{Letter, VOCABULARY};
use fastmpnn::spec::DesignPlan;
use fastmpnn::structure::Structure;
use fastmpnn::write::{NamedArray, Values, write_letter_table, write_npy, write_npz};

use super::network_options::{NetworkOptions, spec_of};
use super::{
    STANDARD_OUTPUT, about, check_protein, for_each_structure, name_failures, native_sequence, resolved, shown,
};
use crate::args::Mode;
use crate::failure::WritingTo;
use crate::printer::Printer;
use crate::settings::{ArrayFormat, ProbsSettings};
use fastmpnn_pipeline::event::Context;
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::input::read_fasta;
use fastmpnn_pipeline::output::AtomicFile;

pub(super) fn run(settings: &ProbsSettings) -> Result<usize> {
    let mut printer = Printer::of(&settings.run);
    let engine = settings.network.engine(&settings.run.engine)?;
    let (spec, labels) = (&settings.spec, settings.labels.as_ref());
    NetworkOptions { spec, labels, ligand_cutoff: None, packing: false }.check(&engine)?;
    let needs = engine.model().config().family.backbone_atoms();
    let mut table = match &settings.out {
        Some((path, ArrayFormat::Csv)) => Some(Table::file(path)?),
        Some(_) => None,
        None => Some(Table::standard_output()),
    };
    printer.start_progress(settings.run.inputs.len() as u64, "structures");
    let failed = for_each_structure(&settings.run, needs, &mut printer, |input, structure, printer| {
        check_protein(&structure, input)?;
        printer.structure_warnings(shown(input), &structure);
        let plan = about(about(spec_of(spec, labels, &structure), input)?.resolve(&structure), input)?;
        for warning in &plan.warnings {
            printer.warn(shown(input), warning);
        }
        let sees = engine.model().config().context_atoms.is_some();
        printer.context(shown(input), &structure, &Context::of(&structure, &plan.environment, sees));
        let mut values = log_probabilities(settings, &engine, input, (&structure, &plan))?;
        if settings.as_probabilities {
            values.iter_mut().flatten().for_each(|value| *value = value.exp());
        }
        match (&settings.out, &mut table) {
            (Some((path, format)), None) => {
                let arrays = Arrays { settings, structure: &structure, values: values.as_flattened() };
                let written = arrays.write(path, *format);
                written.writing_to(path.display())?;
            }
            (_, Some(table)) => printer.undisturbed(|| table.write(&structure, &values))?,
            (None, None) => {}
        }
        printer.advance(1);
        Ok(())
    })?;
    if let Some(table) = table {
        table.finish()?;
    }
    Ok(name_failures(&failed, &settings.run, &printer))
}

fn log_probabilities(
    settings: &ProbsSettings,
    engine: &Engine,
    input: &Input,
    (structure, plan): (&Structure, &DesignPlan),
) -> Result<Vec<[f32; VOCABULARY]>> {
    let sequence = match &settings.fasta {
        None => native_sequence(structure),
        Some(path) => match read_fasta(path, structure, &settings.spec)?.into_iter().next() {
            Some(record) => record.sequence,
            None => native_sequence(structure),
        },
    };
    let encoding = about(engine.encode_with(structure, &plan.environment), input)?;
    if settings.mode == Mode::Unconditional {
        return about(engine.unconditional(&encoding), input);
    }
    let id = SampleId { seed: settings.seed, sample: 0 };
    let rank = about(engine.decoding_rank(&encoding, structure, plan, id), input)?;
    let values = match settings.mode {
        Mode::Conditional => engine.conditional(&encoding, structure, &sequence, &rank),
        Mode::Autoregressive | Mode::Unconditional => engine.autoregressive(&encoding, structure, &sequence, &rank),
    };
    about(values, input)
}

/// A table of all structures.
struct Table {
    out: TableOutput,
    name: String,
    with_header: bool,
}

enum TableOutput {
    StandardOutput(BufWriter<io::Stdout>),
    File(AtomicFile),
}

impl Table {
    fn standard_output() -> Table {
        let out = TableOutput::StandardOutput(BufWriter::new(io::stdout()));
        Table { out, name: STANDARD_OUTPUT.to_owned(), with_header: true }
    }

    fn file(path: &Path) -> Result<Table> {
        let name = path.display().to_string();
        let out = TableOutput::File(AtomicFile::create(path).writing_to(&name)?);
        Ok(Table { out, name, with_header: true })
    }

    fn write(&mut self, structure: &Structure, values: &[[f32; VOCABULARY]]) -> Result<()> {
        let header = std::mem::replace(&mut self.with_header, false);
        let written = match &mut self.out {
            TableOutput::StandardOutput(out) => write_letter_table(out, header, structure, values),
            TableOutput::File(out) => write_letter_table(out, header, structure, values),
        };
        written.writing_to(&self.name)?;
        Ok(())
    }

    fn finish(self) -> Result<()> {
        match self.out {
            TableOutput::StandardOutput(mut out) => out.flush().writing_to(&self.name)?,
            TableOutput::File(out) => out.commit().writing_to(&self.name)?,
        }
        Ok(())
    }
}

/// The arrays of one structure.
struct Arrays<'a> {
    settings: &'a ProbsSettings,
    structure: &'a Structure,
    /// `[N, V]`
    values: &'a [f32],
}

impl Arrays<'_> {
    fn write(&self, path: &Path, format: ArrayFormat) -> io::Result<()> {
        let mut out = AtomicFile::create(path)?;
        match format {
            ArrayFormat::Npy => write_npy(&mut out, &self.probabilities())?,
            _ => write_npz(&mut out, &self.all())?,
        }
        out.commit()
    }

    fn probabilities(&self) -> NamedArray<'_> {
        NamedArray {
            name: if self.settings.as_probabilities { "probs" } else { "log_probs" },
            shape: vec![self.structure.residues.len(), VOCABULARY],
            values: Values::Float(self.values),
        }
    }

    fn all(&self) -> Vec<NamedArray<'_>> {
        let residues = &self.structure.residues;
        let count = residues.len();
        let array = |name, values| NamedArray { name, shape: vec![count], values };
        let texts = |text: &dyn Fn(usize) -> String| Values::Text((0..count).map(text).collect());
        let insertion = |index: usize| residues[index].id.insertion.map(String::from).unwrap_or_default();
        let alphabet = Letter::all().map(|letter| letter.to_string()).collect();
        vec![
            self.probabilities(),
            NamedArray { name: "alphabet", shape: vec![VOCABULARY], values: Values::Text(alphabet) },
            array("sequence", texts(&|index| residues[index].letter.to_string())),
            array("chain", texts(&|index| residues[index].id.chain.to_string())),
            array("number", Values::Integer(residues.iter().map(|residue| residue.id.number).collect())),
            array("insertion", texts(&insertion)),
            array("mask", Values::Flag(resolved(self.structure))),
        ]
    }
}
