//! Growth as a power law: y = a·xᵇ.

/// b of y = a·xᵇ, by least squares of the logarithms.
pub(crate) fn exponent(points: &[[f64; 2]]) -> Option<f64> {
    let count = points.len() as f64;
    let logs = || points.iter().map(|&[x, y]| (x.ln(), y.ln()));
    let (x_mean, y_mean) = logs().fold((0.0, 0.0), |(x, y), (a, b)| (x + a / count, y + b / count));
    let (above, below) =
        logs().fold((0.0, 0.0), |(xy, xx), (x, y)| (xy + (x - x_mean) * (y - y_mean), xx + (x - x_mean).powi(2)));
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exponents_are_those_of_the_law() {
        let points = [10.0, 70.0, 900.0].map(|x: f64| [x, 3.0 * x.powf(1.7)]);
        assert!((exponent(&points).unwrap() - 1.7).abs() < 1e-12);
        assert_eq!(exponent(&[[5.0, 2.0]]), None);
    }
}
