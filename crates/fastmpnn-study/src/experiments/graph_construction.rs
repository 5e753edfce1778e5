//! The nearest neighbors: by sorting, by a vectorized search, and with a tree of boxes.

use std::sync::Arc;
use std::time::Instant;

use fastmpnn::featurize::Graph;
use fastmpnn::kernels::{Kernels, PointCloud, SearchScratch, reference};
use fastmpnn::spec::Environment;
use fastmpnn::structure::Point;
use fastmpnn::weights::Config;
use serde_json::Value;

use crate::accuracy::Answer;
use crate::bench::Bench;
use crate::error::StudyError;
use crate::experiment::Experiment;
use crate::job::{Job, Start, Timed};
use crate::power_law::exponent;
use crate::record::ExperimentRecord;
use crate::task::Task;
use crate::variant::Variant;

pub(super) const EXPERIMENT: Experiment = Experiment {
    name: "graph_construction",
    title: "Graph construction",
    question: "From what size does a tree of boxes beat comparing all pairs, and does the search matter for the total?",
    variants,
    finish: Some(finish),
};

const FULL: [usize; 7] = [100, 200, 400, 1000, 3000, 10_000, 20_000];
const QUICK: [usize; 5] = [100, 200, 400, 1000, 3000];

/// With more residues, sorting all distances of every residue would take minutes.
const SORTED_UP_TO: usize = 3000;

/// With more residues, a likelihood of the reference is not worth its time.
const SCORED_UP_TO: usize = 400;

/// The distance between copies of the structure, Å.
const APART: f32 = 40.0;

/// K of the published networks.
const NEIGHBORS: usize = 48;

/// How the neighbors are found.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Search {
    Sort,
    Flat,
    Tree,
}

fn variants(bench: &Bench) -> Result<Vec<Variant>, StudyError> {
    let lengths: &[usize] = if bench.settings.quick { &QUICK } else { &FULL };
    let mut variants = Vec::new();
    for &length in lengths.iter().filter(|&&length| length <= bench.settings.most_residues) {
        let subject = Arc::new(bench.timed().of_length(length, APART)?);
        let searches = [
            ("brute force, plain loops", Search::Sort),
            ("brute force, vectorized", Search::Flat),
            ("tree of boxes", Search::Tree),
        ];
        for (name, search) in searches.into_iter().filter(|one| one.1 != Search::Sort || length <= SORTED_UP_TO) {
            let variant = Variant::new(bench, format!("{name}, {length} residues"), Task::Encode, find(bench, search)?);
            variants.push(variant.group(format!("{length} residues")).threads(1).on(vec![Arc::clone(&subject)]));
        }
    }
    Ok(variants)
}

fn find(bench: &Bench, search: Search) -> Result<Start, StudyError> {
    let kernels = bench.kernels()?;
    Ok(Box::new(move |subjects, _| {
        let subjects = subjects.to_vec();
        let config = Config::of(&fastmpnn::weights::Checkpoint::embedded()?)?;
        let points: Vec<Vec<Point>> = subjects
            .iter()
            .map(|subject| {
                subject.structure.residues.iter().filter_map(|residue| Some(residue.backbone()?[1])).collect()
            })
            .collect();
        Ok(Box::new(move |check| {
            let mut timed = Timed::default();
            for (subject, points) in subjects.iter().zip(&points) {
                let clock = Instant::now();
                let found = neighbors(kernels, points, search);
                timed.ms += clock.elapsed().as_secs_f64() * 1e3;
                let mut answer = Answer::default();
                if check {
                    let graph = Graph::new(kernels, &subject.structure, &Environment::default(), &config);
                    let own = found.chunks_exact(graph.degree().max(1));
                    if own.enumerate().any(|(residue, own)| own != graph.neighbors(residue)) {
                        return Err(StudyError::WrongAnswer {
                            experiment: EXPERIMENT.name.to_owned(),
                            variant: format!("{search:?}"),
                            reason: format!("the neighbors in {} are not those of the library", subject.name),
                        });
                    }
                    if points.len() <= SCORED_UP_TO {
                        // With the same neighbors the network gives the same answer, so the library's is recorded.
                        let engine = fastmpnn::Engine::embedded(&Default::default())?;
                        let encoding = engine.encode(&subject.structure)?;
                        answer.log_p = Some(subject.log_p(&engine, &encoding)?);
                    }
                }
                timed.answers.push(answer);
            }
            Ok(timed)
        }) as Job)
    }))
}

/// The K nearest of each point, nearest first. `[N, K]`
fn neighbors(kernels: Kernels, points: &[Point], search: Search) -> Vec<u32> {
    let degree = NEIGHBORS.min(points.len());
    let cloud = match search {
        Search::Sort => return points.iter().flat_map(|&center| reference::nearest(points, center, degree)).collect(),
        Search::Flat => PointCloud::flat(points),
        Search::Tree => PointCloud::in_tree(points),
    };
    let mut found = vec![0; points.len() * degree];
    let mut scratch = SearchScratch::default();
    for (row, &center) in found.chunks_exact_mut(degree).zip(points) {
        kernels.nearest(&cloud, center, &mut scratch, row);
    }
    found
}

/// Finds the size from which the tree wins, between the largest size at which it loses and the next.
fn finish(record: &mut ExperimentRecord) {
    let times = |name: &str| -> Vec<[f64; 2]> {
        let rows = record.rows.iter().filter(|row| row.variant.starts_with(name));
        rows.map(|row| [row.residues as f64, row.median_ms]).collect()
    };
    let (flat, tree) = (times("brute force, vectorized"), times("tree of boxes"));
    let gain: Vec<[f64; 2]> =
        flat.iter().zip(&tree).map(|(flat, tree)| [flat[0].ln(), (flat[1] / tree[1]).ln()]).collect();
    let crossing = gain.windows(2).find(|pair| pair[0][1] < 0.0 && pair[1][1] >= 0.0).map(|pair| {
        let [[x0, y0], [x1, y1]] = [pair[0], pair[1]];
        (x0 - y0 * (x1 - x0) / (y1 - y0)).exp()
    });
    for (name, points) in [("brute_force_exponent", &flat), ("tree_exponent", &tree)] {
        let large: Vec<[f64; 2]> = points.iter().copied().filter(|point| point[0] >= 400.0).collect();
        if let Some(exponent) = exponent(&large) {
            record.findings.insert(name.to_owned(), Value::from(exponent));
        }
    }
    if let Some(crossing) = crossing {
        record.findings.insert("crossover_residues".to_owned(), Value::from(crossing.round()));
    }
}
