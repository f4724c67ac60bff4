//! How large a page is drawn, as a browser's own zoom does it: a page at 200 % sees half the width and twice the device
//! pixels, so that it lays itself out anew.
//!
//! Coordinates stay CSS pixels of the page as it sees itself, in and out. The zoom belongs to the tab and stays over
//! navigations. Beyond 100 % the screencast has as many pixels as the page has CSS pixels, which is Chromium's doing.

use chromiumoxide_cdp::cdp::browser_protocol::emulation::SetDeviceMetricsOverrideParams;

use super::{Error, Tab};

/// The steps of Chromium's own zoom, in percent.
const STEPS: [u32; 16] = [25, 33, 50, 67, 75, 80, 90, 100, 110, 125, 150, 175, 200, 250, 300, 400];
/// The last step, and the largest.
const LARGEST: u32 = 500;
/// As it is without zoom.
const NORMAL: u32 = 100;

/// Where to zoom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zoom {
    /// One step larger.
    In,
    /// One step smaller.
    Out,
    /// To this many percent, 25 to 500.
    To(u32),
}

// === impl Zoom ===

impl Zoom {
    /// The percentage that comes of it.
    fn from(self, now: u32) -> u32 {
        let steps = || STEPS.iter().copied().chain([LARGEST]);
        match self {
            Self::In => steps().find(|step| *step > now).unwrap_or(LARGEST),
            Self::Out => steps().rfind(|step| *step < now).unwrap_or(STEPS[0]),
            Self::To(percent) => percent.clamp(STEPS[0], LARGEST),
        }
    }
}

impl Tab {
    /// How large the page is drawn, in percent.
    pub fn zoom(&self) -> u32 {
        self.page_ops().lock().zoom.unwrap_or(NORMAL)
    }

    /// Draws the page larger or smaller and gives the percentage.
    pub async fn set_zoom(&self, zoom: Zoom) -> Result<u32, Error> {
        let percent = zoom.from(self.zoom());
        let look = &self.context().look;
        let scaled = |pixels: u32| (f64::from(pixels) * 100.0 / f64::from(percent)).round().max(1.0) as i64;
        let (width, height) = (scaled(look.width), scaled(look.height));
        let metrics = SetDeviceMetricsOverrideParams::new(width, height, f64::from(percent) / 100.0, false);
        self.target().call(metrics).await?;
        self.page_ops().lock().zoom = Some(percent);
        Ok(percent)
    }
}

#[cfg(test)]
mod tests {
    use super::Zoom;

    #[test]
    fn steps_are_those_of_browsers() {
        for (zoom, now, expect) in [
            (Zoom::In, 100, 110),
            (Zoom::In, 400, 500),
            (Zoom::In, 500, 500),
            (Zoom::Out, 100, 90),
            (Zoom::Out, 25, 25),
            (Zoom::Out, 120, 110),
            (Zoom::To(150), 25, 150),
            (Zoom::To(1), 100, 25),
            (Zoom::To(9000), 100, 500),
        ] {
            assert_eq!(zoom.from(now), expect, "{zoom:?} at {now}");
        }
    }
}
