//! Likelihoods of letters from the decoder's logits.

use crate::chemistry::VOCABULARY;

/// ln softmax of logits, nats.
pub fn log_likelihood(logits: &[f32; VOCABULARY]) -> [f32; VOCABULARY] {
    let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f64 = logits.iter().map(|&logit| f64::from(logit - largest).exp()).sum();
    let shift = f64::from(largest) + total.ln();
    logits.map(|logit| (f64::from(logit) - shift) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn likelihoods_add_up_to_one_at_any_offset() {
        for offset in [0.0, 80.0, -3000.0] {
            let logits = std::array::from_fn(|letter| offset + (letter as f32) * 0.3);
            let total: f64 = log_likelihood(&logits).iter().map(|&value| f64::from(value).exp()).sum();
            assert!((total - 1.0).abs() < 1e-6, "{total}");
        }
    }
}
