//! `fastmpnn info`: the structures as they were read.

use std::io::{self, Write};

use anyhow::Result;
use fastmpnn_pipeline::fastmpnn::structure::{ChainSummary, LigandSummary, StructureSummary, describe};
use fastmpnn_pipeline::input::{Sources, model_of_several};
use fastmpnn_pipeline::run::read_structures;

use super::batch::{counted, name_failures};
use crate::args::info::ReportArgs;
use crate::args::{InfoArgs, RunArgs};
use crate::columns::Columns;
use crate::failure::WritingTo;
use crate::terminal::{STANDARD_OUTPUT, Shown, Terminal};
use crate::visible::visible_lines;

pub(super) fn run(args: InfoArgs) -> Result<usize> {
    let InfoArgs { input, report: ReportArgs { map, json } } = args;
    let mut first = true;
    let mut terminal = Terminal::new(&RunArgs::default(), Shown::Nothing);
    let sources = &Sources::disk().with_standard_input(io::stdin());
    let summary = read_structures(&input.into(), sources, &mut terminal, |read, _| {
        let summary = describe(&read.structure);
        let text = if json {
            serde_json::to_string(&summary).map_err(io::Error::from).writing_to(STANDARD_OUTPUT)? + "\n"
        } else {
            let gap = if first { "" } else { "\n" };
            let report = report(&read.input.display_name(), &summary);
            visible_lines(format_args!("{gap}{report}{}", if map { residue_map(&summary) } else { String::new() }))
        };
        first = false;
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).writing_to(STANDARD_OUTPUT)?;
        Ok(())
    });
    let printer = terminal.end()?;
    Ok(name_failures(&summary?, &printer))
}

fn report(file: &str, summary: &StructureSummary) -> String {
    let residues: usize = summary.chains.iter().map(|chain| chain.residues.len()).sum();
    let masked: usize = summary.chains.iter().map(masked).sum();
    let mut text = format!(
        "{} ({file}): {} in {}, {masked} masked; {}\n",
        summary.name,
        counted(residues, "residue"),
        counted(summary.chains.len(), "chain"),
        model_of_several(summary.model_number, summary.model_count),
    );
    let rows = summary.chains.iter().map(chain_row).collect::<Vec<_>>();
    push_table(&mut text, ["chain", "label", "residues", "numbers", "gaps", "masked"], rows);
    for chain in &summary.chains {
        push_line(&mut text, &format!("sequence {}: {}", chain.id, chain.sequence));
    }
    push_line(&mut text, &ligands(&summary.ligands));
    push_line(&mut text, if summary.warnings.is_empty() { "warnings: none" } else { "warnings:" });
    for warning in &summary.warnings {
        push_line(&mut text, &format!("  {}", warning.text));
    }
    text
}

fn chain_row(chain: &ChainSummary) -> [String; 6] {
    let place = |index: usize| {
        let residue = &chain.residues[index];
        format!("{}{}", residue.number, residue.insertion.map(String::from).unwrap_or_default())
    };
    let numbers = match chain.residues.len() {
        0 => String::new(),
        count => format!("{} to {}", place(0), place(count - 1)),
    };
    let skipped = chain.residues.windows(2).map(|pair| pair[1].sequence_position - pair[0].sequence_position - 1);
    let skipped: Vec<i32> = skipped.filter(|&count| count > 0).collect();
    let gaps = match skipped.iter().map(|&count| i64::from(count)).sum::<i64>() {
        0 => "0".to_owned(),
        missing => format!("{} ({missing} missing)", skipped.len()),
    };
    [
        chain.id.clone(),
        chain.label_id.clone().unwrap_or_else(|| "-".to_owned()),
        chain.residues.len().to_string(),
        numbers,
        gaps,
        masked(chain).to_string(),
    ]
}

fn masked(chain: &ChainSummary) -> usize {
    chain.residues.iter().filter(|residue| residue.masked).count()
}

fn ligands(ligands: &[LigandSummary]) -> String {
    if ligands.is_empty() {
        return "ligands: none".to_owned();
    }
    let atoms: usize = ligands.iter().map(|ligand| ligand.atoms).sum();
    let list = ligands.iter().map(|ligand| format!("{} {} ({})", ligand.name, ligand.id, ligand.atoms));
    let list = list.collect::<Vec<_>>().join(", ");
    let seen: usize = ligands.iter().map(|ligand| ligand.context_atoms).sum();
    let (groups, atoms) = (counted(ligands.len(), "group"), counted(atoms, "atom"));
    format!("ligands: {groups}, {atoms}, of which --model ligand sees {seen}: {list}")
}

fn residue_map(summary: &StructureSummary) -> String {
    let residues = summary.chains.iter().flat_map(|chain| &chain.residues).enumerate();
    let rows: Vec<[String; 6]> = residues
        .map(|(index, residue)| {
            [
                index.to_string(),
                residue.id.clone(),
                residue.name.clone(),
                residue.letter.to_string(),
                residue.sequence_position.to_string(),
                if residue.masked { "masked" } else { "-" }.to_owned(),
            ]
        })
        .collect();
    let mut text = String::new();
    push_table(&mut text, ["index", "residue", "name", "letter", "position", "masked"], rows);
    text
}

/// Columns as wide as their widest cell.
fn push_table<const COLUMNS: usize>(text: &mut String, header: [&str; COLUMNS], rows: Vec<[String; COLUMNS]>) {
    let mut table = Columns::new(header);
    rows.into_iter().for_each(|row| table.push(row));
    text.push_str(&table.to_string());
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}
