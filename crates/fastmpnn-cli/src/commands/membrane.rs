//! `fastmpnn membrane`: labels for the membrane networks, from where residues are in a membrane.

use std::io::{self, Write};

use anyhow::{Result, bail};
use fastmpnn::spec::{LabelProposal, MembraneClass, MembraneFrame};
use fastmpnn::structure::{BackboneAtoms, Structure};
use serde::Serialize;

use super::{STANDARD_OUTPUT, check_protein, for_each_structure, name_failures, shown};
use crate::failure::WritingTo;
use crate::printer::Printer;
use crate::settings::MembraneSettings;
use fastmpnn_pipeline::input::Input;
use fastmpnn_pipeline::output::AtomicFile;

pub(super) fn run(settings: &MembraneSettings) -> Result<usize> {
    let mut printer = Printer::of(&settings.run);
    let several = settings.run.inputs.len() > 1;
    let mut labels = Vec::new();
    let failed = for_each_structure(&settings.run, BackboneAtoms::All, &mut printer, |input, structure, printer| {
        check_protein(&structure, input)?;
        printer.structure_warnings(shown(input), &structure);
        let (frame, source) = frame_of(settings, &structure, input)?;
        let proposal = LabelProposal::new(&structure, &frame);
        check_place(&proposal, &frame, input)?;
        let count = |class| proposal.residues(class).len();
        let (buried, interface) = (count(MembraneClass::Buried), count(MembraneClass::Interface));
        printer.note(format_args!(
            "{}: half thickness {:.1} Å {source}; of {} residues {buried} buried, {interface} interface",
            structure.name,
            frame.half_thickness,
            structure.residues.len(),
        ));
        if settings.out.is_some() {
            let with_header = labels.is_empty();
            proposal.write(&mut labels, with_header, &structure)?;
        }
        let text = if settings.json {
            serde_json::to_string(&Report::new(&structure, &frame, &proposal))? + "\n"
        } else if settings.out.is_some() {
            String::new()
        } else {
            let name = if several { format!("{}: ", structure.name) } else { String::new() };
            format!("{name}{}\n", proposal.options(&structure))
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).writing_to(STANDARD_OUTPUT)?;
        Ok(())
    })?;
    if let Some(path) = settings.out.as_ref().filter(|_| !labels.is_empty()) {
        AtomicFile::write(path, &labels).writing_to(path.display())?;
    }
    Ok(name_failures(&failed, &settings.run, &printer))
}

/// The frame that is asked for or that the file marks, and where its thickness is from.
fn frame_of(
    settings: &MembraneSettings,
    structure: &Structure,
    input: &Input,
) -> Result<(MembraneFrame, &'static str)> {
    let MembraneSettings { center, normal, .. } = *settings;
    let frame = |half_thickness| MembraneFrame { center, normal, half_thickness };
    if let Some(half_thickness) = settings.half_thickness {
        return Ok((frame(half_thickness), "as given"));
    }
    match MembraneFrame::half_thickness_of(structure) {
        Some(half_thickness) => Ok((frame(half_thickness), "from its dummy atoms")),
        None => bail!(
            "{}: does not say where the membrane is: dummy atoms DUM at equal heights above and below z = 0, as OPM and PPM \
             write them, would; --half-thickness says it of a structure in their frame, with --center and --normal of any",
            shown(input)
        ),
    }
}

/// Refuses a structure that the membrane does not meet.
fn check_place(proposal: &LabelProposal, frame: &MembraneFrame, input: &Input) -> Result<()> {
    let depths = || proposal.placements.iter().flatten().map(|placement| placement.depth);
    if depths().any(|depth| depth.abs() < frame.half_thickness) {
        return Ok(());
    }
    let nearest = depths().fold(f32::INFINITY, |nearest, depth| nearest.min(depth.abs()));
    bail!(
        "{}: no residue lies within {:.1} Å of the membrane's middle, the nearest is {nearest:.1} Å off: is it in the frame of \
         its membrane?",
        shown(input),
        frame.half_thickness
    )
}

/// `--json`.
#[derive(Serialize)]
struct Report<'a> {
    name: &'a str,
    half_thickness: f32,
    #[serde(rename = "centre")]
    center: [f32; 3],
    normal: [f32; 3],
    buried: String,
    interface: String,
    residues: Vec<ResidueReport>,
}

/// A residue that has a backbone.
#[derive(Serialize)]
struct ResidueReport {
    id: String,
    /// Å from the middle, with the sign of the normal.
    depth: f32,
    /// CA atoms near the side chain.
    #[serde(rename = "neighbours")]
    neighbors: usize,
    class: u8,
}

impl<'a> Report<'a> {
    fn new(structure: &'a Structure, frame: &MembraneFrame, proposal: &LabelProposal) -> Report<'a> {
        let placed = structure.residues.iter().zip(&proposal.placements);
        let residue = |(residue, placement): (&fastmpnn::structure::Residue, &Option<fastmpnn::spec::Placement>)| {
            placement.map(|placement| ResidueReport {
                id: residue.id.to_string(),
                depth: placement.depth,
                neighbors: placement.neighbors,
                class: placement.class as u8,
            })
        };
        Report {
            name: &structure.name,
            half_thickness: frame.half_thickness,
            center: frame.center,
            normal: frame.normal,
            buried: proposal.selection(MembraneClass::Buried, structure),
            interface: proposal.selection(MembraneClass::Interface, structure),
            residues: placed.filter_map(residue).collect(),
        }
    }
}
