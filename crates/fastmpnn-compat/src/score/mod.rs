//! `score.py` of LigandMPNN: what the network makes of the letters that a structure has.
//!
//! Source: the published `score.py`, and `score` and `single_aa_score` of `model_utils.py`.

mod orders;
mod settings;
mod statistics;

use std::fs;
use std::io::BufWriter;
use std::path::Path;

use anyhow::{Context, Result, bail};
use fastmpnn::Given;
use fastmpnn::model::Encoding;
use fastmpnn::spec::TiedGroup;

use super::ligand::model_type::{ModelType, Network};
use super::ligand::parsed::Parsed;
use super::ligand::{self, verbose, wishes};
use super::protein::draws;
use super::python::argparse::Values;
use super::python::json::{Json, Object};
use super::python::torch_file;
use crate::console::Console;
use crate::outcome::{OutputFailure, WritingTo, sentence};
use crate::python::torch_random::TorchRandom;
use orders::SingleOrders;
use settings::{Question, Settings};
use statistics::{Logits, SavedOrders, Scores};

pub(super) use settings::PARSER;

/// Runs the script; the number is how many structures failed.
pub(super) fn run(values: Values, script: &Path, console: &mut dyn Console) -> Result<usize> {
    let settings = Settings::new(values)?;
    fs::create_dir_all(&settings.run.folder).writing_to(&settings.run.folder)?;
    let Some(kind) = settings.run.model_type else {
        console.line("Choose one of the available models");
        return Ok(0);
    };
    let network = Network::load(kind, &settings.values, script, &console.engine_options())?;
    let mut random = TorchRandom::new(settings.run.seed);
    random.skip(network.initial_draws);
    let paths = ligand::paths(&settings.values)?;
    let named = NamedResidues::load(&settings.values)?;
    let mut failed = 0;
    for path in &paths {
        match score(&network, &settings, (path, &named), &mut random, console) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) if error.downcast_ref::<OutputFailure>().is_some() => return Err(error),
            Err(error) => {
                // The script would end here. The structures after it have other random numbers than they would alone.
                console.error(&sentence(&error));
                failed += 1;
            }
        }
    }
    Ok(failed)
}

/// Scores a structure; false where neither score is asked for, which the script says when it has read the first one.
fn score(
    network: &Network,
    settings: &Settings,
    (path, named): (&str, &NamedResidues),
    random: &mut TorchRandom,
    console: &mut dyn Console,
) -> Result<bool> {
    settings.run.say(console, format_args!("Designing protein from this path: {path}"));
    let parsed = Parsed::read(path, &settings.reading)?;
    let (redesigned, fixed) = named.of(path, &parsed)?;
    let chains = match settings.values.text_or_none("--chains_to_design") {
        Some(text) => text.split(',').map(str::to_owned).collect(),
        None => parsed.chain_list.clone(),
    };
    let chosen = wishes::chosen(&parsed, &chains, &redesigned, &fixed);
    if settings.run.verbose {
        verbose::print_choice(&parsed, &chosen, settings.values.truth("--homo_oligomer"), console);
    }
    let ties = ties(settings, &parsed).with_context(|| path.to_owned())?;
    if settings.run.verbose {
        verbose::print_ligands(&parsed, network.kind == ModelType::Ligand, console);
    }
    let Some(question) = settings.question else {
        console.line("Set either autoregressive_score or single_aa_score to True");
        return Ok(false);
    };
    let labels = wishes::membrane_labels(&parsed, &settings.values, network.kind == ModelType::GlobalMembrane)?;
    let side_chains_of = chosen.iter().map(|chosen| settings.side_chains && !chosen).collect();
    let ligands = settings.values.truth("--ligand_mpnn_use_atom_context");
    let environment = network.environment(ligands, side_chains_of, &labels);
    let encoding = network.engine.encode_with(&parsed.structure, &environment)?;
    let session = Session { network, settings, parsed: &parsed, encoding };
    let (logits, orders) = match question {
        Question::Along { hidden } => session.along((&chosen, ties.as_deref()), hidden, random)?,
        Question::Single { last } => session.single(last, random)?,
    };
    let wide = !redesigned.is_empty() || !fixed.is_empty();
    let scores = Scores { parsed: &parsed, logits, orders, chosen: (chosen, wide), seed: settings.run.seed };
    let target = format!("{}{}{}.pt", settings.run.folder, parsed.name, settings.values.text("--file_ending"));
    let file = BufWriter::new(fs::File::create(&target).writing_to(&target)?);
    torch_file::write(file, &scores.value()).writing_to(&target)?;
    Ok(true)
}

/// Groups of residues that are decoded one after the other.
fn ties(settings: &Settings, parsed: &Parsed) -> Result<Option<Vec<TiedGroup>>> {
    let index = parsed.index_by_name();
    if settings.values.truth("--homo_oligomer") {
        return Ok(Some(wishes::homo_oligomer(parsed, &index)?));
    }
    let Some(text) = settings.values.given("--symmetry_residues") else { return Ok(None) };
    let residue = |name: &str| {
        index.get(name).copied().with_context(|| format!("--symmetry_residues: there is no residue {name}"))
    };
    let groups: Result<Vec<Vec<usize>>> =
        text.split('|').map(|group| group.split(',').map(residue).collect()).collect();
    Ok(Some(wishes::disjoint(groups?, &vec![1.0; parsed.len()], parsed)?))
}

/// A structure at work.
struct Session<'a> {
    network: &'a Network,
    settings: &'a Settings,
    parsed: &'a Parsed,
    encoding: Encoding,
}

impl Session<'_> {
    fn logits(&self, given: Given<'_>) -> Result<Logits> {
        Ok(self.network.engine.logits(&self.encoding, &self.parsed.structure, given)?)
    }

    /// Asks for all residues along one order a sample.
    fn along(
        &self,
        (chosen, ties): (&[bool], Option<&[TiedGroup]>),
        hidden: bool,
        random: &mut TorchRandom,
    ) -> Result<(Vec<Logits>, SavedOrders)> {
        let sequence = self.parsed.native();
        let designed: Vec<bool> =
            chosen.iter().zip(self.parsed.resolved()).map(|(&chosen, resolved)| chosen && resolved).collect();
        let (mut logits, mut saved) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.run.batches {
            let mut orders = draws::orders(random, &designed, self.settings.run.copies);
            if let Some(ties) = ties {
                // All copies follow the order of the first.
                let shared = draws::tied_order(&orders[0], ties);
                orders.fill(shared);
            }
            for order in &orders {
                let rank = draws::rank_of(order);
                let given = match hidden {
                    true => Given::LaterBackbone { rank: &rank },
                    false => Given::Earlier { sequence: &sequence, rank: &rank },
                };
                logits.push(self.logits(given)?);
                saved.extend(order.iter().map(|&residue| i64::from(residue)));
            }
        }
        Ok((logits, SavedOrders::Along(saved)))
    }

    /// Asks for each residue in an order of its own, which it begins or ends.
    fn single(&self, last: bool, random: &mut TorchRandom) -> Result<(Vec<Logits>, SavedOrders)> {
        let sequence = self.parsed.native();
        let length = self.parsed.len();
        let (mut logits, mut saved) = (Vec::new(), Vec::new());
        for _ in 0..self.settings.run.batches {
            let normals = random.normals(self.settings.run.copies * length);
            for normals in normals.chunks_exact(length) {
                let orders = SingleOrders::new(normals, last);
                let rank = orders.rank();
                logits.push(self.logits(Given::Moved { sequence: &sequence, rank: &rank, before: &orders.before })?);
                saved.extend((0..length as u32).flat_map(|residue| orders.of(residue)).map(|place| place as f32));
            }
        }
        Ok((logits, SavedOrders::Single(saved)))
    }
}

/// The residues that the options name: fixed and redesigned ones, the same for all structures or by path.
struct NamedResidues {
    redesigned: Named,
    fixed: Named,
}

enum Named {
    All(Vec<String>),
    ByPath(Object, &'static str),
}

impl NamedResidues {
    fn load(values: &Values) -> Result<NamedResidues> {
        let named = |one: &str, multi: &'static str| -> Result<Named> {
            Ok(match values.given(multi) {
                Some(path) => Named::ByPath(wishes::load_object(path, multi)?, multi),
                None => Named::All(wishes::split(values.text(one))),
            })
        };
        Ok(NamedResidues {
            fixed: named("--fixed_residues", "--fixed_residues_multi")?,
            redesigned: named("--redesigned_residues", "--redesigned_residues_multi")?,
        })
    }

    /// Redesigned and fixed residues of a structure.
    fn of(&self, path: &str, parsed: &Parsed) -> Result<(Vec<String>, Vec<String>)> {
        Ok((self.redesigned.of(path, parsed)?, self.fixed.of(path, parsed)?))
    }
}

impl Named {
    fn of(&self, path: &str, parsed: &Parsed) -> Result<Vec<String>> {
        let (dictionary, flag) = match self {
            Named::All(names) => return Ok(names.clone()),
            Named::ByPath(dictionary, flag) => (dictionary, flag),
        };
        let value = dictionary.get(path).with_context(|| format!("{flag}: it says nothing of {path}"))?;
        match value {
            Json::List(items) => Ok(items.iter().filter_map(|item| item.as_text()).map(str::to_owned).collect()),
            // Python looks for a name in a text as a part of it. The text stands in the list, too: where it names no
            // residue, it is still not nothing.
            _ => match value.as_text() {
                Some("") => Ok(Vec::new()),
                Some(text) => {
                    let parts = parsed.names.iter().filter(|name| text.contains(name.as_str())).cloned();
                    Ok(parts.chain([text.to_owned()]).collect())
                }
                None => bail!("{flag}: {path}: {} is no text of residues", value.dumps()),
            },
        }
    }
}
