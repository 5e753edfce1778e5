//! The roofline: the operations and bytes of each stage, the rates it attains, and the limit that binds it, if one does.
//!
//! Operations are those of [`Operations`]: matrix products only, two for a multiply-add. Bytes are the least that must
//! pass between memory and the caches: every weight once, and every tensor that does not fit in a cache once for each
//! time that it is read or written. The ridge is the peak of multiply-adds divided by the bandwidth. With more
//! operations per byte a stage would reach the compute limit first; with fewer, the memory limit. It counts as bound by
//! a limit only if it comes near it: see [`Stage::limit`].

use std::sync::Arc;
use std::time::Instant;

use fastmpnn::model::Operations;
use fastmpnn::weights::Checkpoint;
use fastmpnn::weights::Config;
use fastmpnn::{Engine, Precision};
use serde::{Deserialize, Serialize};

use crate::bench::Bench;
use crate::checkpoints::with_layers;
use crate::error::StudyError;
use crate::machine::Machine;
use crate::settings::Settings;
use crate::stopwatch::Summary;
use crate::subject::Subject;

/// The file's name.
pub const FILE_NAME: &str = "roofline.json";

/// Stages beside the machine's limits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Roofline {
    /// The machine.
    pub machine: Machine,
    /// The settings.
    pub settings: Settings,
    /// The structure.
    pub structure: String,
    /// The number of its residues.
    pub residues: usize,
    /// GFLOP/s of multiply-adds from registers, all threads.
    pub peak_gflops: f64,
    /// GB/s of reading memory, all threads.
    pub read_gb_s: f64,
    /// Operations per byte at which both limits meet: the peak over the bandwidth.
    pub ridge_flop_per_byte: f64,
    /// The stages.
    pub stages: Vec<Stage>,
}

impl Roofline {
    /// The machine's limits.
    pub fn limits(&self) -> Limits {
        Limits { peak_gflops: self.peak_gflops, read_gb_s: self.read_gb_s }
    }
}

/// A stage.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Stage {
    /// Its name.
    pub stage: String,
    /// Median time, ms.
    pub median_ms: f64,
    /// Operations of matrix products, 10⁹.
    pub gflop: f64,
    /// Bytes that must pass between memory and caches, 10⁶.
    pub megabytes: f64,
    /// Operations per byte.
    pub flop_per_byte: f64,
    /// Attained GFLOP/s.
    pub gflops: f64,
    /// Attained GB/s of those bytes.
    pub gb_s: f64,
    /// Share of the peak of multiply-adds.
    pub share_of_peak: f64,
    /// Share of the bandwidth.
    pub share_of_bandwidth: f64,
    /// The limit that binds it, by [`Stage::limit`].
    pub bound_by: Limit,
}

/// The limit that binds a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The peak of multiply-adds.
    Computing,
    /// The bandwidth of memory.
    Memory,
    /// Neither is near.
    Neither,
}

/// The share of a limit that a stage must reach to be bound by it.
pub const BOUND_FROM: f64 = 0.5;

impl Limit {
    /// The limit, from the shares of the peak and of the bandwidth that are reached: that of the larger one, if it is
    /// at least [`BOUND_FROM`].
    pub fn by_shares(of_peak: f64, of_bandwidth: f64) -> Limit {
        if of_peak.max(of_bandwidth) < BOUND_FROM {
            Limit::Neither
        } else if of_peak >= of_bandwidth {
            Limit::Computing
        } else {
            Limit::Memory
        }
    }

    /// The limit in words.
    pub fn words(self) -> &'static str {
        match self {
            Limit::Computing => "compute",
            Limit::Memory => "memory",
            Limit::Neither => "neither",
        }
    }
}

/// The limits of the machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// GFLOP/s of multiply-adds from registers.
    pub peak_gflops: f64,
    /// GB/s of reading memory.
    pub read_gb_s: f64,
}

impl Limits {
    /// Operations per byte where both limits meet.
    pub fn ridge(&self) -> f64 {
        self.peak_gflops / self.read_gb_s
    }
}

/// The operations and bytes of a stage.
#[derive(Clone, Copy, Debug)]
struct Work {
    /// Operations of matrix products, 10⁹.
    gflop: f64,
    /// Bytes that must pass between memory and caches.
    bytes: f64,
}

/// Bytes of the weights of some layers, and of tensors per residue.
struct Bytes {
    encoder_layer: f64,
    decoder_layer: f64,
    features: f64,
    edges: f64,
    node: f64,
}

impl Bytes {
    fn of(config: &Config, degree: usize) -> Bytes {
        let float = size_of::<f32>() as f64;
        let hidden = config.hidden as f64;
        let square = hidden * hidden * float;
        let wide = 2.0 * hidden * config.feed_forward as f64 * float;
        let inputs = (config.position_width + 25 * config.radial_functions) as f64;
        Bytes {
            // W1 and W11 have three blocks, W2, W3, W12 and W13 one; in the decoder W1 has four.
            encoder_layer: 10.0 * square + wide,
            decoder_layer: 6.0 * square + wide,
            features: inputs * hidden * float + square,
            edges: degree as f64 * hidden * float,
            node: hidden * float,
        }
    }
}

impl Roofline {
    /// Measures the stages on the timed structure.
    pub fn measure(bench: &Bench) -> Result<Roofline, StudyError> {
        bench.say("roofline: timing the stages");
        let machine = bench.machine()?;
        let subject = bench.timed();
        let limits = Limits { peak_gflops: machine.peak_gflops[1], read_gb_s: machine.read_gb_s[1] };
        let checkpoint = Checkpoint::embedded()?;
        let options = bench.options(bench.settings.threads);
        let engine = Engine::with_checkpoint(&checkpoint, &options)?;
        let shallow = Engine::with_checkpoint(&with_layers(&checkpoint, &[0], &[0])?, &options)?;
        let quantized = Engine::with_checkpoint(&checkpoint, &options.with_precision(Precision::Q16))?;
        let config = engine.model().config().clone();
        let degree = config.neighbors.min(subject.native.len());
        let operations = engine.model().operations(subject.residues, engine.encode(&subject.structure)?.graph());
        let one_layer = shallow.model().operations(subject.residues, shallow.encode(&subject.structure)?.graph());
        let bytes = Bytes::of(&config, degree);
        let n = subject.residues as f64;
        let layers = config.encoder_layers as f64;
        let decoder_layers = config.decoder_layers as f64;

        let times = times(bench, &subject, [&engine, &shallow, &quantized])?;
        let median = |index: usize| Summary::of(&times[index]).map_or(f64::NAN, |summary| summary.median);
        let (encode, encode_one, decode, q16) = (median(0), median(1), median(2), median(3));
        // Three layers less one are two layers; a one-layer encoder less a layer is the features.
        let layer_ms = (encode - encode_one) / (layers - 1.0);
        let layer_operations = (operations.encoder - one_layer.encoder) as f64 / (layers - 1.0);
        let flop = |multiply_adds: u64| Operations::flop(multiply_adds) / 1e9;
        let mut stages = vec![
            Stage::new(
                "features (a network of one layer, less that layer)",
                encode_one - layer_ms,
                Work { gflop: flop(operations.features), bytes: bytes.features + n * bytes.edges },
                limits,
            ),
            Stage::new(
                "an encoder layer (three layers less one, halved)",
                layer_ms,
                Work {
                    gflop: 2.0 * layer_operations / 1e9,
                    bytes: bytes.encoder_layer + n * (2.0 * bytes.edges + 6.0 * bytes.node),
                },
                limits,
            ),
            Stage::new(
                "features and encoder",
                encode,
                Work {
                    gflop: flop(operations.encode()),
                    bytes: bytes.features
                        + layers * bytes.encoder_layer
                        + n * ((2.0 * layers + 1.0) * bytes.edges + 6.0 * layers * bytes.node),
                },
                limits,
            ),
            Stage::new(
                "decoder, letters given",
                decode,
                Work {
                    gflop: flop(operations.teacher_forcing),
                    bytes: decoder_layers * (bytes.decoder_layer + n * (bytes.edges + 4.0 * bytes.node)),
                },
                limits,
            ),
            Stage::new(
                "forward in q16",
                q16,
                Work {
                    gflop: flop(operations.forward()),
                    bytes: bytes.features
                        + layers * bytes.encoder_layer
                        + decoder_layers * bytes.decoder_layer
                        + n * ((2.0 * layers + 1.0 + decoder_layers) * bytes.edges),
                },
                limits,
            ),
        ];
        for (index, samples) in SAMPLES.into_iter().enumerate() {
            let drawn = operations.projections + samples * operations.sample;
            // A single sequence reads h_E and multiplies it; with several, each reads the product, which is computed
            // once.
            let edges = if samples == 1 { 1.0 } else { 3.0 + samples as f64 };
            let tensors = decoder_layers * n * (edges * bytes.edges + samples as f64 * 3.0 * bytes.node);
            let plural = if samples == 1 { "" } else { "s" };
            let work = Work { gflop: flop(drawn), bytes: decoder_layers * bytes.decoder_layer + tensors };
            stages.push(Stage::new(&format!("{samples} sequence{plural} drawn"), median(4 + index), work, limits));
        }
        // On a busy machine a difference of times can be zero or negative, which gives no rate.
        stages.retain(|stage| stage.median_ms > 0.0);
        Ok(Roofline {
            structure: subject.name.clone(),
            residues: subject.residues,
            peak_gflops: limits.peak_gflops,
            read_gb_s: limits.read_gb_s,
            ridge_flop_per_byte: limits.ridge(),
            stages,
            settings: bench.settings.clone(),
            machine,
        })
    }
}

const SAMPLES: [u64; 3] = [1, 8, 64];

/// Times of each stage, in turn: the encoder, that of one layer, the decoder, the forward pass in q16, and sequences.
fn times(
    bench: &Bench,
    subject: &Arc<Subject>,
    [engine, shallow, quantized]: [&Engine; 3],
) -> Result<Vec<Vec<f64>>, StudyError> {
    let structure = &subject.structure;
    let rounds = bench.settings.rounds.max(3);
    let mut times = vec![Vec::new(); 4 + SAMPLES.len()];
    for round in 0..rounds {
        let mut lap = |stage: usize, clock: Instant| {
            // The first round warms up.
            if round > 0 {
                times[stage].push(clock.elapsed().as_secs_f64() * 1e3);
            }
        };
        let clock = Instant::now();
        let encoding = engine.encode(structure)?;
        lap(0, clock);
        let clock = Instant::now();
        shallow.encode(structure)?;
        lap(1, clock);
        let clock = Instant::now();
        subject.log_p(engine, &encoding)?;
        lap(2, clock);
        let clock = Instant::now();
        let other = quantized.encode(structure)?;
        subject.log_p(quantized, &other)?;
        lap(3, clock);
        for (index, samples) in SAMPLES.into_iter().enumerate() {
            let encoding = engine.encode(structure)?;
            let clock = Instant::now();
            let designer = engine.designer(&encoding, structure, &subject.plan)?;
            designer.sample(0..samples, bench.settings.temperature)?;
            lap(4 + index, clock);
        }
    }
    Ok(times)
}

impl Stage {
    fn new(stage: &str, median_ms: f64, work: Work, limits: Limits) -> Stage {
        let Work { gflop, bytes } = work;
        let gflops = gflop / median_ms * 1e3;
        let gb_s = bytes / 1e9 / median_ms * 1e3;
        let (share_of_peak, share_of_bandwidth) = (gflops / limits.peak_gflops, gb_s / limits.read_gb_s);
        Stage {
            stage: stage.to_owned(),
            median_ms,
            gflop,
            megabytes: bytes / 1e6,
            flop_per_byte: gflop * 1e9 / bytes,
            gflops,
            gb_s,
            share_of_peak,
            share_of_bandwidth,
            bound_by: Limit::by_shares(share_of_peak, share_of_bandwidth),
        }
    }

    /// The limit that binds it.
    pub fn limit(&self) -> Limit {
        Limit::by_shares(self.share_of_peak, self.share_of_bandwidth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_bound_by_the_limit_that_it_comes_near() {
        // 2 GFLOP and 100 MB in 20 ms: 100 GFLOP/s, 5 GB/s, 20 FLOP per byte.
        let work = Work { gflop: 2.0, bytes: 1e8 };
        let stage = |peak_gflops, read_gb_s| Stage::new("", 20.0, work, Limits { peak_gflops, read_gb_s });
        let computing = stage(200.0, 20.0);
        assert_eq!((computing.bound_by, computing.flop_per_byte.round()), (Limit::Computing, 20.0));
        assert!((computing.share_of_peak - 0.5).abs() < 1e-12 && (computing.share_of_bandwidth - 0.25).abs() < 1e-12);
        // Above the ridge, but at less than half of either limit.
        assert_eq!(stage(201.0, 20.0).bound_by, Limit::Neither);
        assert_eq!(stage(201.0, 10.0).bound_by, Limit::Memory);
        // Near both limits, it is bound by the nearer one.
        assert_eq!(
            [stage(150.0, 8.0), stage(170.0, 8.0)].map(|stage| stage.limit()),
            [Limit::Computing, Limit::Memory]
        );
    }
}
