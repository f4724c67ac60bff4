//! `ctx.media`: the videos and sounds of the page.

use std::time::Duration;

use mlua::{Lua, LuaSerdeExt, UserDataRef};

use super::page::Target;
use super::{invalid, noun, raise, value};
use crate::browser::{Context, Element, MediaDeed};
use crate::protocol::{ErrorType, Failure};

/// The videos and sounds of the page.
pub(super) struct Media(pub(super) Context);

noun! { Media, MEDIA, "perilune.Media", "The page's videos and sounds; without a target its main one, which is the largest that shows. What does not happen raises.";
    await "state" state "fun(self, target?: perilune.Target): perilune.MediaState" "What it is doing.";
    await "play" play "fun(self, target?: perilune.Target): perilune.MediaState" "Plays it.";
    await "pause" pause "fun(self, target?: perilune.Target): perilune.MediaState" "Pauses it.";
    await "seek" seek "fun(self, seconds: number, target?: perilune.Target): perilune.MediaState" "Goes to a time.";
    await "volume" volume "fun(self, volume: number, target?: perilune.Target): perilune.MediaState" "Sets the volume, 0 to 1.";
    await "mute" mute "fun(self, on?: boolean, target?: perilune.Target): perilune.MediaState" "Switches its sound off or on; without a word, to what it is not.";
    await "fullscreen" fullscreen "fun(self, on?: boolean, target?: perilune.Target): perilune.MediaState" "Puts it, or any other element, on the whole screen or back; on a page without video and sound the page itself.";
}

type Named = Option<mlua::Value>;

async fn state(lua: Lua, media: UserDataRef<Media>, named: Named) -> mlua::Result<mlua::Value> {
    act(&lua, &media.0, named, MediaDeed::State).await
}

async fn play(lua: Lua, media: UserDataRef<Media>, named: Named) -> mlua::Result<mlua::Value> {
    act(&lua, &media.0, named, MediaDeed::Play).await
}

async fn pause(lua: Lua, media: UserDataRef<Media>, named: Named) -> mlua::Result<mlua::Value> {
    act(&lua, &media.0, named, MediaDeed::Pause).await
}

async fn seek(lua: Lua, media: UserDataRef<Media>, (time, named): (f64, Named)) -> mlua::Result<mlua::Value> {
    if Duration::try_from_secs_f64(time).is_err() {
        return Err(invalid(format!("a time is a number of seconds from 0 on, not {time}")));
    }
    act(&lua, &media.0, named, MediaDeed::Seek(time)).await
}

async fn volume(lua: Lua, media: UserDataRef<Media>, (volume, named): (f64, Named)) -> mlua::Result<mlua::Value> {
    if !(0.0..=1.0).contains(&volume) {
        return Err(invalid(format!("a volume goes from 0 to 1, not {volume}")));
    }
    act(&lua, &media.0, named, MediaDeed::Volume(volume)).await
}

async fn mute(lua: Lua, media: UserDataRef<Media>, (on, named): (Option<bool>, Named)) -> mlua::Result<mlua::Value> {
    act(&lua, &media.0, named, MediaDeed::Mute(on)).await
}

async fn fullscreen(
    lua: Lua,
    media: UserDataRef<Media>,
    (on, named): (Option<bool>, Named),
) -> mlua::Result<mlua::Value> {
    act(&lua, &media.0, named, MediaDeed::Fullscreen(on)).await
}

async fn act(lua: &Lua, context: &Context, named: Named, deed: MediaDeed) -> mlua::Result<mlua::Value> {
    let tab = context.active().map_err(raise)?;
    let element: Option<Element> = match named {
        None | Some(mlua::Value::Nil) => tab.main_media().await.map_err(raise)?,
        Some(named) => {
            let target: Target = lua.from_value(named)?;
            Some(tab.locate(target.locator()?).await.map_err(raise)?)
        }
    };
    let state = match (element, deed) {
        (Some(element), _) => element.media(deed).await,
        (None, MediaDeed::Fullscreen(on)) => tab.page_fullscreen(on).await,
        (None, _) => {
            return Err(raise(Failure::new(
                ErrorType::ElementNotFound,
                "the page has no video and no audio; wait until its player is there, or look at the page again",
            )));
        }
    };
    value(lua, &state.map_err(raise)?)
}
