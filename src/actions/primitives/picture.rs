//! Pictures of the page: what is taken, in which format.

use base64::Engine as _;
use mlua::{Lua, LuaSerdeExt, Table, UserDataRef};
use serde::Deserialize;

use super::page::{Page, Target};
use super::{invalid, raise};
use crate::browser::{ImageFormat, Rect, Screenshot};
use crate::protocol::{ErrorType, Failure};

/// A picture's largest side, which is Chromium's own.
const LARGEST: f64 = 16_384.0;
/// Bytes of a picture; as base64 it must fit into a Lua state.
const BYTES: usize = 16 << 20;

/// What a script may ask of a picture.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Options {
    full_page: bool,
    clip: Option<Rect>,
    element: Option<Target>,
    format: Option<String>,
    quality: Option<u32>,
}

/// `page:screenshot`
pub(super) async fn screenshot(lua: Lua, page: UserDataRef<Page>, options: Option<mlua::Value>) -> mlua::Result<Table> {
    let options: Options = options.map_or(Ok(Options::default()), |options| lua.from_value(options))?;
    let (format, name) = match options.format.as_deref() {
        None | Some("png") => (ImageFormat::Png, "png"),
        Some("jpeg") => (ImageFormat::Jpeg(options.quality.unwrap_or(80)), "jpeg"),
        Some(other) => {
            return Err(invalid(format!(
                "a picture's format is \"png\" or \"jpeg\", not {other:?}"
            )));
        }
    };
    let tab = page.tab()?;
    let clip = match (options.clip, options.element) {
        (Some(_), Some(_)) => return Err(invalid("a picture is of a clip or of an element, not of both")),
        (None, Some(target)) => {
            let element = tab.locate(target.locator()?).await.map_err(raise)?;
            Some(element.area().await.map_err(raise)?)
        }
        (clip, None) => clip.map(checked).transpose()?,
    };
    let what = Screenshot {
        full_page: options.full_page,
        clip,
        format,
    };
    let bytes = tab.screenshot(what).await.map_err(raise)?;
    if bytes.len() > BYTES {
        return Err(raise(
            Failure::new(
                ErrorType::ActionFailed,
                format!(
                    "the picture has {} bytes, more than {BYTES}; take a part of the page, or a JPEG",
                    bytes.len()
                ),
            )
            .with("bytes", bytes.len()),
        ));
    }
    let (width, height) = size(&bytes).ok_or_else(|| {
        raise(Failure::new(
            ErrorType::ActionFailed,
            "Chromium answered with a picture that is none; try again",
        ))
    })?;
    let picture = lua.create_table()?;
    picture.set("format", name)?;
    picture.set("width", width)?;
    picture.set("height", height)?;
    picture.set("data", base64::engine::general_purpose::STANDARD.encode(&bytes))?;
    Ok(picture)
}

/// A clip that has an area and can be drawn.
fn checked(clip: Rect) -> mlua::Result<Rect> {
    let is_place = |at: f64| at.is_finite() && at >= 0.0;
    let is_side = |side: f64| (1.0..=LARGEST).contains(&side);
    if is_place(clip.x) && is_place(clip.y) && is_side(clip.width) && is_side(clip.height) {
        return Ok(clip);
    }
    Err(invalid(format!(
        "a clip has x and y from 0 on, and width and height from 1 to {LARGEST} pixels"
    )))
}

/// Width and height from a PNG's header or a JPEG's frame header.
fn size(picture: &[u8]) -> Option<(u32, u32)> {
    let word = |at: usize| Some(u32::from_be_bytes(picture.get(at..at + 4)?.try_into().ok()?));
    let half = |at: usize| Some(u16::from_be_bytes(picture.get(at..at + 2)?.try_into().ok()?));
    if picture.starts_with(b"\x89PNG") {
        return Some((word(16)?, word(20)?));
    }
    let mut at = 2;
    while picture.starts_with(&[0xff, 0xd8]) && *picture.get(at)? == 0xff {
        let marker = *picture.get(at + 1)?;
        if matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc) {
            return Some((half(at + 7)?.into(), half(at + 5)?.into()));
        }
        at += 2 + usize::from(half(at + 2)?);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_pictures() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        png.extend([0, 0, 5, 0, 0, 0, 2, 208, 8, 6]);
        assert_eq!(size(&png), Some((1280, 720)));
        let jpeg = [
            0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 2, 208, 5, 0, 3,
        ];
        assert_eq!(size(&jpeg), Some((1280, 720)));
        assert_eq!(size(b"GIF89a"), None);
        assert_eq!(size(&jpeg[..9]), None);
    }
}
