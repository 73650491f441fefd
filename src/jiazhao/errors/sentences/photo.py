"""An own photo: what the machine refuses, each with what to change; then the review."""

from jiazhao.errors.kinds import Kind, Sentence

PHOTO_REFUSED = Sentence(
    Kind.REFUSED,
    "照片不符合要求，尚未提交。请按下列说明更换或重拍。",
    "The photo does not fit and was not handed in. Change it, or take another, as said below.",
)
PHOTO_FORMAT = Sentence(
    Kind.REFUSED,
    "只接受 JPEG、PNG 或 WebP 格式的照片。请换一张，或用手机相机重新拍摄。",
    "Only JPEG, PNG and WebP photos are taken. Choose another, or take one with the phone's camera.",
)
PHOTO_DAMAGED = Sentence(
    Kind.REFUSED,
    "照片文件不完整或已损坏。请重新拍摄或另选一张。",
    "The photo's file is damaged or incomplete. Take it again or choose another.",
)
PHOTO_TOO_LARGE = Sentence(
    Kind.REFUSED,
    "照片文件超过 {limit}。请缩小后再试。",
    "The photo's file is larger than {limit}. Make it smaller and try again.",
)
PHOTO_TOO_MANY_PIXELS = Sentence(
    Kind.REFUSED,
    "照片超过 {limit} 像素。请缩小后再试。",
    "The photo has more than {limit} pixels. Make it smaller and try again.",
)
PHOTO_TOO_MANY_PARTS = Sentence(
    Kind.REFUSED,
    "照片文件由过多部分组成，无法处理。请用手机相机重新拍摄。",
    "The photo's file is made of too many parts. Take it again with the phone's camera.",
)
PHOTO_HOLDS_MORE = Sentence(
    Kind.REFUSED,
    "照片文件中还有照片以外的内容（如动态照片）。请在此处裁剪，或关闭动态照片后重拍。",
    "The file holds more than a photo, as moving photos do. Crop it here, or turn moving photos off and take it again.",
)
PHOTO_MOVES = Sentence(
    Kind.REFUSED,
    "这是动图。请使用静态照片。",
    "This is an animation. Use a photo that stands still.",
)
PHOTO_FOR_PRINT = Sentence(
    Kind.REFUSED,
    "照片是印刷用的 CMYK 色彩。请保存为 RGB 后再试。",
    "The photo has printer's colours (CMYK). Save it as RGB and try again.",
)
PHOTO_NOT_IN_COLOUR = Sentence(
    Kind.REFUSED,
    "照片是黑白的。请使用彩色照片。",
    "The photo is black and white. Use one in colour.",
)
PHOTO_TOO_FEW_PIXELS = Sentence(
    Kind.REFUSED,
    "照片宽度只有 {found} 像素，至少需要 {least} 像素。请使用更清晰的原图。",
    "The photo is {found} pixels wide; at least {least} are needed. Use the original, not a smaller copy.",
)
PHOTO_PROPORTIONS = Sentence(
    Kind.REFUSED,
    "照片尺寸为 {found}，宽高比须在 2:3 与 3:4 之间。请裁剪，建议 520 × 756 像素。",
    "The photo is {found}; its width by height must lie between 2:3 and 3:4. Crop it, for instance to 520 × 756.",
)
PHOTO_TOO_OLD = Sentence(
    Kind.REFUSED,
    "照片拍摄于 {day}，需为 6 个月内拍摄。请重新拍摄。",
    "The photo was taken on {day}; it must be from the last 6 months. Take a new one.",
)
PHOTO_DATE_AHEAD = Sentence(
    Kind.REFUSED,
    "照片的拍摄日期 {day} 在今天之后。请校正相机日期后重新拍摄。",
    "The photo says it was taken on {day}, after today. Correct the camera's date and take a new one.",
)
PHOTO_GROUND_NOT_WHITE = Sentence(
    Kind.REFUSED,
    "背景不是纯白。请站在光线均匀的白墙前重新拍摄。",
    "The background is not white. Take it again before a white, evenly lit wall.",
)
PHOTO_NO_FACE = Sentence(
    Kind.REFUSED,
    "没有找到正面人脸。请正对镜头，露出眉毛和耳朵，不戴帽子、口罩和墨镜。",
    "No face is seen from the front. Face the camera, brows and ears uncovered, without hat, mask or sunglasses.",
)
PHOTO_SEVERAL_FACES = Sentence(
    Kind.REFUSED,
    "照片中不止一张人脸。请只拍本人。",
    "There is more than one face. Only you may be in the photo.",
)
PHOTO_FACE_TOO_SMALL = Sentence(
    Kind.REFUSED,
    "头部太小。请靠近一些，或把照片裁得更紧。",
    "The head is too small. Come closer, or crop the photo more tightly.",
)
PHOTO_FACE_TOO_LARGE = Sentence(
    Kind.REFUSED,
    "头部太大。请离镜头远一些，让头顶和肩部都在画面内。",
    "The head is too large. Step back, so that hair and shoulders are in the picture.",
)
PHOTO_FACE_OFF_CENTRE = Sentence(
    Kind.REFUSED,
    "头部没有居中。请让脸位于画面左右正中、略偏上。",
    "The head is not in the middle. Keep the face centred, a little above the middle.",
)
PHOTO_BLURRED = Sentence(
    Kind.REFUSED,
    "照片模糊。请擦净镜头、拿稳手机重新拍摄。",
    "The photo is blurred. Wipe the lens, hold still and take it again.",
)
PHOTO_BADLY_LIT = Sentence(
    Kind.REFUSED,
    "面部过暗或过亮。请在柔和均匀的光线下重新拍摄。",
    "The face is too dark or too bright. Take it again in soft, even light.",
)
PHOTO_UNEVENLY_LIT = Sentence(
    Kind.REFUSED,
    "面部一边明一边暗。请正对光源重新拍摄。",
    "One side of the face is in the shade. Face the light and take it again.",
)
PHOTO_CHANGE_REFUSED = Sentence(
    Kind.REFUSED,
    "现在不能更换照片。请查看下列原因和办理方式。",
    "The photo cannot be changed now. See the reasons and what to do.",
)
PHOTO_WAITING = Sentence(
    Kind.CONFLICT,
    "您已有一张照片正在等待审核。请等待结果，或先撤回。",
    "A photo of yours is waiting for review already. Wait for the answer, or withdraw it first.",
)
PHOTO_REVIEW_OVER = Sentence(
    Kind.CONFLICT,
    "这张照片已有审核结果或已撤回，未做任何更改。",
    "This photo has been decided on or withdrawn already. Nothing was changed.",
)
PHOTO_REVIEW_UNKNOWN = Sentence(
    Kind.NOT_FOUND,
    "没有这张待审核的照片。",
    "There is no such photo to review.",
)
PHOTO_IS_OWN = Sentence(
    Kind.FORBIDDEN,
    "不能审核自己的照片。请由其他工作人员办理。",
    "Nobody reviews a photo of their own. Leave it to someone else.",
)
PHOTO_REFUSAL_UNEXPLAINED = Sentence(
    Kind.INVALID,
    "不予通过时必须选择原因；选择“其他”时须写明。",
    "A refusal needs its reason, and “other” needs words.",
)
