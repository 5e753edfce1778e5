//! Membrane labels of residues in a file: CSV with the columns `structure,chain,number,insertion,label`, any number of
//! structures in one file. Labels are `buried`, `interface` and `other`; a residue that the file does not name is `other`.

use std::collections::{BTreeMap, HashMap};
use std::io::{self, Write};

use super::expression::Files;
use super::quotation::quoted;
use super::ranges::ranges;
use super::selection::Selector;
use super::{DesignSpec, LabelProposal, MembraneClass};
use crate::error::SpecError;
use crate::structure::{ResidueId, Structure};

const COLUMNS: [&str; 5] = ["structure", "chain", "number", "insertion", "label"];

/// More names than this are counted instead.
const NAMED: usize = 8;

/// The labels of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembraneLabels {
    /// The file's name in messages.
    file: String,
    /// By structure.
    labels: BTreeMap<String, Vec<Label>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Label {
    line: u64,
    id: ResidueId,
    class: MembraneClass,
}

impl MembraneLabels {
    /// Reads the bytes of a file; `file` is its name in messages.
    pub fn parse(file: &str, bytes: &[u8]) -> Result<MembraneLabels, SpecError> {
        let wrong = |reason: String| SpecError::MembraneLabels { file: file.to_owned(), reason };
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(bytes);
        let header = reader.headers().map_err(|error| wrong(error.to_string()))?.clone();
        let place = |column: &str| header.iter().position(|found| found.eq_ignore_ascii_case(column));
        let wanted = COLUMNS.map(place);
        if let Some(missing) = (0..COLUMNS.len()).find(|&column| wanted[column].is_none()) {
            let (columns, missing) = (COLUMNS.join(","), COLUMNS[missing]);
            return Err(wrong(format!("line 1: is not the header {columns}: there is no column {missing}")));
        }
        let mut labels: BTreeMap<String, Vec<Label>> = BTreeMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| wrong(error.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let cell = |column: usize| wanted[column].and_then(|at| record.get(at)).unwrap_or_default();
            let label = Label::of_cells([cell(1), cell(2), cell(3), cell(4)], line);
            let label = label.map_err(|reason| wrong(format!("line {line}: {reason}")))?;
            labels.entry(cell(0).to_owned()).or_default().push(label);
        }
        if labels.is_empty() {
            return Err(wrong("labels no residue".to_owned()));
        }
        Ok(MembraneLabels { file: file.to_owned(), labels })
    }

    /// The specification with the labels of a structure, which go by its name.
    pub fn applied_to(&self, spec: &DesignSpec, structure: &Structure) -> Result<DesignSpec, SpecError> {
        let classes = self.classes(structure)?;
        let selection = |class: MembraneClass| {
            let of_class: Vec<usize> = (0..classes.len()).filter(|&index| classes[index] == class).collect();
            if of_class.is_empty() { Vec::new() } else { vec![ranges(&of_class, structure)] }
        };
        Ok(DesignSpec {
            membrane_buried: selection(MembraneClass::Buried),
            membrane_interface: selection(MembraneClass::Interface),
            ..spec.clone()
        })
    }

    /// The class of each residue. `[N]`
    fn classes(&self, structure: &Structure) -> Result<Vec<MembraneClass>, SpecError> {
        let wrong = |reason: String| SpecError::MembraneLabels { file: self.file.clone(), reason };
        let Some(labels) = self.labels.get(&structure.name) else {
            let names: Vec<&str> = self.labels.keys().take(NAMED).map(String::as_str).collect();
            let more = if self.labels.len() > NAMED { ", …" } else { "" };
            let names = names.join(", ");
            return Err(wrong(format!("labels no residue of {}; it labels those of {names}{more}", structure.name)));
        };
        let residues = structure.residues.iter().enumerate();
        let index_of: HashMap<&ResidueId, usize> = residues.map(|(index, residue)| (&residue.id, index)).collect();
        let mut found: Vec<Option<MembraneClass>> = vec![None; structure.residues.len()];
        for Label { line, id, class } in labels {
            let Some(&index) = index_of.get(id) else {
                return Err(wrong(format!("line {line}: {}", nearest(id, structure))));
            };
            match found[index].replace(*class) {
                Some(before) if before != *class => {
                    let (before, class) = (before.name(), class.name());
                    return Err(wrong(format!(
                        "line {line}: residue {id} is {before} in a line before, and {class} here"
                    )));
                }
                _ => {}
            }
        }
        Ok(found.into_iter().map(Option::unwrap_or_default).collect())
    }
}

/// That there is no such residue, and which are the nearest.
fn nearest(id: &ResidueId, structure: &Structure) -> String {
    let insertion = id.insertion.map_or_else(String::new, String::from);
    let text = format!("{}:{}{insertion}", id.chain, id.number);
    match (Selector { structure, files: &Files::new() }).select("residue", &text) {
        Err(error) => error.to_string(),
        Ok(_) => format!("no residue {id} in {}", structure.name),
    }
}

impl Label {
    fn of_cells([chain, number, insertion, label]: [&str; 4], line: u64) -> Result<Label, String> {
        let number = number.parse().map_err(|_| format!("{} is not the number of a residue", quoted(number)))?;
        let mut letters = insertion.chars();
        let insertion = match (letters.next(), letters.next()) {
            (letter, None) => letter,
            _ => return Err(format!("{} is not an insertion code", quoted(insertion))),
        };
        let class = MembraneClass::ALL.into_iter().find(|class| class.name().eq_ignore_ascii_case(label));
        let class =
            class.ok_or_else(|| format!("{} is not one of the labels buried, interface, other", quoted(label)))?;
        Ok(Label { line, id: ResidueId { chain: chain.into(), number, insertion }, class })
    }
}

impl LabelProposal {
    /// Writes the labels of a structure as [`MembraneLabels`] reads them: a line for every residue.
    pub fn write(&self, out: impl Write, with_header: bool, structure: &Structure) -> io::Result<()> {
        let mut table = csv::WriterBuilder::new().has_headers(false).from_writer(out);
        if with_header {
            table.write_record(COLUMNS)?;
        }
        for (residue, placement) in structure.residues.iter().zip(&self.placements) {
            let class = placement.map_or(MembraneClass::Outside, |placement| placement.class);
            let insertion = residue.id.insertion.map_or_else(String::new, String::from);
            let (chain, number) = (residue.id.chain.to_string(), residue.id.number.to_string());
            table.write_record([&structure.name, &chain, &number, &insertion, class.name()])?;
        }
        table.flush()
    }
}
