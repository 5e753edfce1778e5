//! Options that label residues for the membrane networks, and those of the command that proposes labels.

use std::path::PathBuf;

use fastmpnn_pipeline::PipelineError;
use fastmpnn_pipeline::fastmpnn::spec::MembraneLabel;
use fastmpnn_pipeline::fastmpnn::structure::Point;
use fastmpnn_pipeline::request::MembraneSettings;

use super::option_name::option;

use super::InputArgs;

/// Labels for the membrane networks.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Membrane networks")]
pub(crate) struct MembraneArgs {
    /// The label of the whole protein, for --model membrane-global, which needs one.
    #[arg(long, value_name = "soluble|transmembrane", value_parser = label)]
    pub(crate) membrane_global: Option<MembraneLabel>,
    /// Residues buried in the membrane, such as A20-35,A41, for --model membrane-residue. May be repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) membrane_buried: Vec<String>,
    /// Residues in the membrane–water interface, for --model membrane-residue. All other residues are neither. May be
    /// repeated.
    #[arg(long, value_name = "SELECTION")]
    pub(crate) membrane_interface: Vec<String>,
    /// Take these labels from a file, such as `fastmpnn membrane --out` writes: CSV with the columns structure, chain,
    /// number, insertion and label, where a label is buried, interface or other. It must name every structure; residues
    /// that it does not name are other.
    #[arg(long, value_name = "FILE",
          conflicts_with_all = ["membrane_global", "membrane_buried", "membrane_interface"])]
    pub(crate) membrane_labels: Option<PathBuf>,
}

impl From<MembraneArgs> for MembraneSettings {
    fn from(args: MembraneArgs) -> MembraneSettings {
        let MembraneArgs { membrane_global, membrane_buried, membrane_interface, membrane_labels } = args;
        MembraneSettings { membrane_global, membrane_buried, membrane_interface, membrane_labels }
    }
}

/// `fastmpnn membrane`.
#[derive(Debug, clap::Args)]
pub(crate) struct ProposalArgs {
    #[command(flatten)]
    pub(crate) input: InputArgs,
    #[command(flatten)]
    pub(crate) frame: FrameArgs,
    /// Write the labels of all structures into this file, for --membrane-labels, instead of printing options.
    #[arg(short, long, value_name = "FILE", help_heading = "Report")]
    pub(crate) out: Option<PathBuf>,
    /// Print everything as JSON, one line for each file: the selections, and for every residue its distance from the
    /// membrane's middle (Å), the number of CA atoms near its side chain, and its class.
    #[arg(long, help_heading = "Report")]
    pub(crate) json: bool,
    /// Print nothing on standard error but errors.
    #[arg(short, long, help_heading = "Report")]
    pub(crate) quiet: bool,
}

/// Where the membrane is.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Membrane")]
pub(crate) struct FrameArgs {
    /// Half the thickness of the membrane's hydrophobic part, Å. Taken from the dummy atoms (DUM) of an OPM or PPM file
    /// by default.
    #[arg(long, value_name = "ANGSTROM", value_parser = half_thickness)]
    pub(crate) half_thickness: Option<f32>,
    /// A point in the membrane's middle, such as 10,0,-5.5, where that is not the origin.
    #[arg(long, value_name = "X,Y,Z", value_parser = point, default_value = "0,0,0", allow_hyphen_values = true,
          alias = "centre", requires = "half_thickness")]
    pub(crate) center: Point,
    /// The direction across the membrane, where that is not the z axis.
    #[arg(long, value_name = "X,Y,Z", value_parser = direction, default_value = "0,0,1", allow_hyphen_values = true,
          requires = "half_thickness")]
    pub(crate) normal: Point,
}

fn label(text: &str) -> Result<MembraneLabel, String> {
    text.parse().map_err(|error| PipelineError::Specification(error).message().with_fields(option))
}

fn half_thickness(text: &str) -> Result<f32, String> {
    let value: Option<f32> = text.trim().parse().ok().filter(|value: &f32| *value > 0.0 && *value <= 100.0);
    value.ok_or_else(|| "half a membrane is more than 0 and at most 100 Å thick, such as 15".to_owned())
}

fn point(text: &str) -> Result<Point, String> {
    let numbers: Vec<f32> = text.split(',').filter_map(|number| number.trim().parse().ok()).collect();
    let point: Option<Point> = numbers.try_into().ok().filter(|_| text.split(',').count() == 3);
    let within = |point: &Point| point.iter().all(|value| value.abs() < 1e6);
    point.filter(within).ok_or_else(|| "expected three numbers separated by commas, such as 10,0,-5.5".to_owned())
}

fn direction(text: &str) -> Result<Point, String> {
    let direction = point(text)?;
    let long = direction.iter().map(|value| value * value).sum::<f32>() > 1e-6;
    long.then_some(direction).ok_or_else(|| "a direction has a length".to_owned())
}
