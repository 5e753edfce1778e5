//! `fastmpnn membrane`: labels for the membrane networks, from the residues' places in a membrane.

use std::io::{self, Write};

use anyhow::Result;
use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::event::{Event, Note, NoteKind, Observer, tell_warnings};
use fastmpnn_pipeline::fastmpnn::spec::{LabelProposal, MembraneClass, MembraneFrame};
use fastmpnn_pipeline::fastmpnn::structure::Structure;
use fastmpnn_pipeline::input::Sources;
use fastmpnn_pipeline::message::Message;
use fastmpnn_pipeline::output::AtomicFile;
use fastmpnn_pipeline::run::{ReadStructure, check_protein, read_structures};
use serde::Serialize;

use super::batch::name_failures;
use crate::args::RunArgs;
use crate::args::membrane::{FrameArgs, ProposalArgs};
use crate::args::option_name::option;
use crate::failure::WritingTo;
use crate::terminal::{STANDARD_OUTPUT, Shown, Terminal};

pub(super) fn run(args: ProposalArgs) -> Result<usize> {
    let ProposalArgs { input, frame, out, json, quiet } = args;
    let mut proposals = Proposals { frame: &frame, to_file: out.is_some(), json, labels: Vec::new() };
    let mut terminal = Terminal::new(&RunArgs { quiet, ..RunArgs::default() }, Shown::Nothing);
    let sources = &Sources::disk().with_standard_input(io::stdin());
    let summary =
        read_structures(&input.into(), sources, &mut terminal, |read, observer| proposals.add(&read, observer));
    let printer = terminal.end()?;
    let summary = summary?;
    if let Some(path) = out.as_ref().filter(|_| !proposals.labels.is_empty()) {
        AtomicFile::write(path, &proposals.labels).writing_to(path.display())?;
    }
    Ok(name_failures(&summary, &printer))
}

/// The proposals of a run.
struct Proposals<'a> {
    frame: &'a FrameArgs,
    to_file: bool,
    json: bool,
    /// The file of labels.
    labels: Vec<u8>,
}

impl Proposals<'_> {
    /// Proposes labels for a structure, and prints them or adds them to the file.
    fn add(&mut self, read: &ReadStructure<'_>, observer: &mut dyn Observer) -> Result<(), PipelineError> {
        let ReadStructure { input, structure, inputs } = read;
        let file = input.display_name();
        check_protein(structure, &file)?;
        tell_warnings(observer, &file, structure);
        let (frame, source) = frame_of(self.frame, structure, &file)?;
        let proposal = LabelProposal::new(structure, &frame);
        check_place(&proposal, &frame, &file)?;
        let count = |class| proposal.residues(class).len();
        let (buried, interface) = (count(MembraneClass::Buried), count(MembraneClass::Interface));
        let message = Message::new(format!(
            "half thickness {:.1} Å {source}; of {} residues {buried} buried, {interface} interface",
            frame.half_thickness,
            structure.residues.len(),
        ));
        let note = Note { about: Some(structure.name.clone()), kind: NoteKind::Membrane, message };
        // The run itself checks whether to continue.
        let _ = observer.observe(Event::Note(&note));
        if self.to_file {
            let with_header = self.labels.is_empty();
            proposal.write(&mut self.labels, with_header, structure).writing_to("the labels")?;
        }
        let text = if self.json {
            let text = serde_json::to_string(&Report::new(structure, &frame, &proposal));
            text.map_err(io::Error::from).writing_to(STANDARD_OUTPUT)? + "\n"
        } else if self.to_file {
            String::new()
        } else {
            let name = if *inputs > 1 { format!("{}: ", structure.name) } else { String::new() };
            format!("{name}{}\n", options(&proposal, structure))
        };
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).writing_to(STANDARD_OUTPUT)?;
        Ok(())
    }
}

/// The options that give the residues these labels: `--membrane-buried A20-40 --membrane-interface A17-19`.
fn options(proposal: &LabelProposal, structure: &Structure) -> String {
    let classes = [("membrane_buried", MembraneClass::Buried), ("membrane_interface", MembraneClass::Interface)];
    let options = classes.into_iter().filter_map(|(field, class)| {
        let selection = proposal.selection(class, structure);
        (!selection.is_empty()).then(|| format!("{} {selection}", option(field)))
    });
    options.collect::<Vec<_>>().join(" ")
}

/// The membrane's frame, from the options or the file's dummy atoms, and the source of its thickness.
fn frame_of(
    args: &FrameArgs,
    structure: &Structure,
    file: &str,
) -> Result<(MembraneFrame, &'static str), PipelineError> {
    let FrameArgs { center, normal, .. } = *args;
    let frame = |half_thickness| MembraneFrame { center, normal, half_thickness };
    if let Some(half_thickness) = args.half_thickness {
        return Ok((frame(half_thickness), "as given"));
    }
    match MembraneFrame::half_thickness_of(structure) {
        Some(half_thickness) => Ok((frame(half_thickness), "from its dummy atoms")),
        None => Err(PipelineError::Input(Message::new(format!(
            "{file}: does not say where the membrane is: dummy atoms DUM at equal heights above and below z = 0, as OPM and PPM \
             write them, would; --half-thickness says it of a structure in their frame, with --center and --normal of any"
        )))),
    }
}

/// Refuses a structure that lies outside the membrane.
fn check_place(proposal: &LabelProposal, frame: &MembraneFrame, file: &str) -> Result<(), PipelineError> {
    let depths = || proposal.placements.iter().flatten().map(|placement| placement.depth);
    if depths().any(|depth| depth.abs() < frame.half_thickness) {
        return Ok(());
    }
    let nearest = depths().fold(f32::INFINITY, |nearest, depth| nearest.min(depth.abs()));
    let half_thickness = frame.half_thickness;
    Err(PipelineError::Input(Message::new(format!(
        "{file}: no residue lies within {half_thickness:.1} Å of the membrane's middle, the nearest is {nearest:.1} Å off: is \
         it in the frame of its membrane?"
    ))))
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
    /// Distance from the membrane's center along its normal, Å.
    depth: f32,
    /// The number of CA atoms near the side chain.
    #[serde(rename = "neighbours")]
    neighbors: usize,
    class: u8,
}

impl<'a> Report<'a> {
    fn new(structure: &'a Structure, frame: &MembraneFrame, proposal: &LabelProposal) -> Report<'a> {
        let placed = structure.residues.iter().zip(&proposal.placements);
        let residue = |(residue, placement): (
            &fastmpnn_pipeline::fastmpnn::structure::Residue,
            &Option<fastmpnn_pipeline::fastmpnn::spec::Placement>,
        )| {
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
