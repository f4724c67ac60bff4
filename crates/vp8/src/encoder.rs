//! libvpx's VP8 encoder, set for a screen that is watched live.

use std::ffi::CStr;
use std::mem::MaybeUninit;
use std::ptr;

use vpx_sys as vpx;

use crate::{Damage, Error, I420};

/// Fixed speed: a positive value lets libvpx choose one whose motion search misses scrolling, for 2.7 times the bits.
const CPU_USED: i32 = -6;

/// The best and the worst quantizer (0 to 63) the rate control may take.
const QUANTIZERS: (u32, u32) = (2, 62);

/// Below this share of its buffer, in percent, the rate control leaves frames out.
const DROP_BELOW: u32 = 20;

/// What an encoder is made for. Another size needs another encoder.
#[derive(Clone, Copy, Debug)]
pub struct EncoderConfig {
    /// Pixels.
    pub width: usize,
    /// Pixels.
    pub height: usize,
    /// Bits per second.
    pub bitrate: u32,
    /// Frames per second that share that rate.
    pub fps: u32,
}

/// One VP8 frame.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The frame.
    pub data: Vec<u8>,
    /// Whether decoding can start here.
    pub key: bool,
    /// How coarse it is, 0 (finest) to 63.
    pub quantizer: u32,
}

/// A VP8 encoder.
pub struct Encoder {
    // Boxed: libvpx may keep the address.
    context: Box<vpx::vpx_codec_ctx_t>,
    settings: vpx::vpx_codec_enc_cfg_t,
    map: Vec<u8>,
    frame: i64,
}

// SAFETY: libvpx's context is bound to no thread; `&mut self` keeps calls apart.
unsafe impl Send for Encoder {}

impl Encoder {
    /// Starts an encoder.
    pub fn new(config: &EncoderConfig) -> Result<Self, Error> {
        crate::picture::check_size(config.width, config.height)?;
        // Not `zeroed()`: the settings hold enums without a 0 until libvpx has filled them.
        let mut settings = MaybeUninit::<vpx::vpx_codec_enc_cfg_t>::zeroed();
        // SAFETY: a static of libvpx.
        let interface = unsafe { vpx::vpx_codec_vp8_cx() };
        // SAFETY: the pointer is valid for writing, 0 is the only usage there is.
        let code = unsafe { vpx::vpx_codec_enc_config_default(interface, settings.as_mut_ptr(), 0) };
        check("vpx_codec_enc_config_default", code)?;
        // SAFETY: filled by the successful call.
        let mut settings = unsafe { settings.assume_init() };
        apply(&mut settings, config);

        let mut context = Box::new(MaybeUninit::<vpx::vpx_codec_ctx_t>::zeroed());
        // SAFETY: both pointers are valid, the version is that of the bindings; libvpx refuses others.
        let code = unsafe {
            let version = vpx::VPX_ENCODER_ABI_VERSION as i32;
            vpx::vpx_codec_enc_init_ver(context.as_mut_ptr(), interface, &settings, 0, version)
        };
        check("vpx_codec_enc_init", code)?;
        // SAFETY: initialised by the successful call.
        let context = unsafe { context.assume_init() };
        let mut encoder = Self {
            context,
            settings,
            map: Vec::new(),
            frame: 0,
        };
        encoder.control(vpx::vp8e_enc_control_id::VP8E_SET_CPUUSED, CPU_USED)?;
        encoder.control(vpx::vp8e_enc_control_id::VP8E_SET_STATIC_THRESHOLD, 1)?;
        encoder.control(vpx::vp8e_enc_control_id::VP8E_SET_SCREEN_CONTENT_MODE, 1)?;
        Ok(encoder)
    }

    /// Encodes `picture`. Blocks that are not marked in `active` stay as the viewer has them; they must not have changed since
    /// the picture before. A key frame renews everything. None: the rate control left the frame out.
    pub fn encode(&mut self, picture: &I420, active: &Damage, force_key: bool) -> Result<Option<Encoded>, Error> {
        let (width, height) = (self.settings.g_w as usize, self.settings.g_h as usize);
        if (picture.width(), picture.height()) != (width, height) || active.size() != picture.blocks() {
            return Err(Error::OtherSize {
                width: picture.width(),
                height: picture.height(),
            });
        }
        self.set_active(active)?;
        let image = image(picture);
        let flags = if force_key {
            i64::from(vpx::VPX_EFLAG_FORCE_KF)
        } else {
            0
        };
        // Frame numbers, not real time: with real time a rest would be taken for a very low frame rate, and the next frame become huge.
        let pts = self.frame;
        self.frame += 1;
        // SAFETY: the image points into `picture`, which outlives the call and is only read; it has the size the encoder was made for.
        let code =
            unsafe { vpx::vpx_codec_encode(&mut *self.context, &image, pts, 1, flags, vpx::VPX_DL_REALTIME.into()) };
        check("vpx_codec_encode", code)?;
        self.collect()
    }

    /// Changes the rate, in bits per second, without a key frame.
    pub fn set_bitrate(&mut self, bitrate: u32) -> Result<(), Error> {
        let kilobits = (bitrate / 1000).max(1);
        if self.settings.rc_target_bitrate == kilobits {
            return Ok(());
        }
        self.settings.rc_target_bitrate = kilobits;
        // SAFETY: the context is live, the settings differ from the accepted ones in the rate only.
        let code = unsafe { vpx::vpx_codec_enc_config_set(&mut *self.context, &self.settings) };
        check("vpx_codec_enc_config_set", code)
    }

    fn set_active(&mut self, active: &Damage) -> Result<(), Error> {
        self.map.clear();
        self.map.extend_from_slice(active.blocks());
        let (columns, rows) = active.size();
        let mut map = vpx::vpx_active_map_t {
            active_map: self.map.as_mut_ptr(),
            rows: rows as u32,
            cols: columns as u32,
        };
        let id = vpx::vp8e_enc_control_id::VP8E_SET_ACTIVEMAP as i32;
        // SAFETY: this control takes a pointer to a map, which libvpx copies; it has rows times columns octets.
        let code = unsafe { vpx::vpx_codec_control_(&mut *self.context, id, &mut map as *mut vpx::vpx_active_map_t) };
        check("VP8E_SET_ACTIVEMAP", code)
    }

    fn collect(&mut self) -> Result<Option<Encoded>, Error> {
        let mut iterator = ptr::null();
        let mut encoded = None;
        loop {
            // SAFETY: the iterator starts as null, as libvpx asks for, and belongs to this context.
            let packet = unsafe { vpx::vpx_codec_get_cx_data(&mut *self.context, &mut iterator) };
            // SAFETY: null or valid until the next call into the context.
            let Some(packet) = (unsafe { packet.as_ref() }) else {
                break;
            };
            if packet.kind != vpx::vpx_codec_cx_pkt_kind::VPX_CODEC_CX_FRAME_PKT {
                continue;
            }
            // SAFETY: `kind` says that this member of the union is set; the buffer has `sz` octets.
            let (frame, data) = unsafe {
                let frame = packet.data.frame;
                (
                    frame,
                    std::slice::from_raw_parts(frame.buf.cast::<u8>(), frame.sz as usize).to_vec(),
                )
            };
            encoded = Some(Encoded {
                data,
                key: frame.flags & vpx::VPX_FRAME_IS_KEY != 0,
                quantizer: 0,
            });
        }
        if let Some(encoded) = &mut encoded {
            let mut quantizer = 0i32;
            let id = vpx::vp8e_enc_control_id::VP8E_GET_LAST_QUANTIZER_64 as i32;
            // SAFETY: this control takes a pointer to an int.
            let code = unsafe { vpx::vpx_codec_control_(&mut *self.context, id, &mut quantizer as *mut i32) };
            check("VP8E_GET_LAST_QUANTIZER_64", code)?;
            encoded.quantizer = quantizer.unsigned_abs();
        }
        Ok(encoded)
    }

    fn control(&mut self, id: vpx::vp8e_enc_control_id, value: i32) -> Result<(), Error> {
        // SAFETY: all controls given here take an int.
        let code = unsafe { vpx::vpx_codec_control_(&mut *self.context, id as i32, value) };
        check("vpx_codec_control", code)
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: the context is live and not used after this.
        unsafe { vpx::vpx_codec_destroy(&mut *self.context) };
    }
}

fn apply(settings: &mut vpx::vpx_codec_enc_cfg_t, config: &EncoderConfig) {
    settings.g_w = config.width as u32;
    settings.g_h = config.height as u32;
    settings.g_timebase = vpx::vpx_rational {
        num: 1,
        den: config.fps.clamp(1, 60) as i32,
    };
    settings.g_threads = 1;
    settings.g_lag_in_frames = 0;
    settings.g_error_resilient = vpx::VPX_ERROR_RESILIENT_DEFAULT;
    settings.g_pass = vpx::vpx_enc_pass::VPX_RC_ONE_PASS;
    settings.rc_end_usage = vpx::vpx_rc_mode::VPX_CBR;
    settings.rc_target_bitrate = (config.bitrate / 1000).max(1);
    (settings.rc_min_quantizer, settings.rc_max_quantizer) = QUANTIZERS;
    settings.rc_undershoot_pct = 100;
    settings.rc_overshoot_pct = 15;
    settings.rc_buf_initial_sz = 500;
    settings.rc_buf_optimal_sz = 600;
    settings.rc_buf_sz = 1000;
    settings.rc_dropframe_thresh = DROP_BELOW;
    settings.rc_resize_allowed = 0;
    settings.kf_mode = vpx::vpx_kf_mode::VPX_KF_DISABLED;
}

/// The picture as libvpx sees it. It only reads, although its type has mutable pointers.
fn image(picture: &I420) -> vpx::vpx_image_t {
    let (width, height) = (picture.width() as u32, picture.height() as u32);
    let (y, u, v) = (picture.y(), picture.u(), picture.v());
    let plane = |plane: &[u8]| plane.as_ptr().cast_mut();
    vpx::vpx_image_t {
        fmt: vpx::vpx_img_fmt::VPX_IMG_FMT_I420,
        cs: vpx::vpx_color_space::VPX_CS_BT_601,
        range: vpx::vpx_color_range::VPX_CR_STUDIO_RANGE,
        w: width,
        h: height,
        bit_depth: 8,
        d_w: width,
        d_h: height,
        r_w: 0,
        r_h: 0,
        x_chroma_shift: 1,
        y_chroma_shift: 1,
        planes: [plane(y.0), plane(u.0), plane(v.0), ptr::null_mut()],
        stride: [y.1 as i32, u.1 as i32, v.1 as i32, 0],
        bps: 12,
        user_priv: ptr::null_mut(),
        img_data: ptr::null_mut(),
        img_data_owner: 0,
        self_allocd: 0,
        fb_priv: ptr::null_mut(),
    }
}

pub(crate) fn check(call: &'static str, code: vpx::vpx_codec_err_t) -> Result<(), Error> {
    if code == vpx::vpx_codec_err_t::VPX_CODEC_OK {
        return Ok(());
    }
    // SAFETY: a static text for every code.
    let reason = unsafe { CStr::from_ptr(vpx::vpx_codec_err_to_string(code)) };
    Err(Error::Codec {
        call,
        reason: reason.to_string_lossy().into_owned(),
    })
}

#[cfg(test)]
mod tests;
