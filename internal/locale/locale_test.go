package locale

import (
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"parley.example/wire/fault"
	"parley.example/wire/rule"
)

// Spec: LOC-5.
func TestNew(t *testing.T) {
	for asked, want := range map[string]string{
		"":                             English,
		"en":                           English,
		"zh":                           Chinese,
		"zh-CN":                        Chinese,
		"zh_CN.UTF-8":                  Chinese,
		"zh_CN.GB18030@pinyin":         Chinese,
		"zh-TW":                        Chinese,
		"zh-Hant":                      Chinese,
		"zh-HK":                        Chinese,
		"zh-TW,en;q=0.9":               Chinese,
		"zh-TW,zh;q=0.9,en-US;q=0.8":   Chinese,
		"en-GB,en;q=0.9,zh-CN;q=0.5":   English,
		"fr,zh-CN;q=0.5":               Chinese,
		"fr":                           English,
		"C":                            English,
		"POSIX":                        English,
		"C.UTF-8":                      English,
		"de_DE.UTF-8":                  English,
		"*":                            English,
		"\x00;q=x":                     English,
		strings.Repeat("a-", 5000):     English,
		"zh-Hans-CN-x-private,en;q=.5": Chinese,
	} {
		if got := New(asked).Lang; got != want {
			t.Errorf("%.40q gives %s, want %s", asked, got, want)
		}
	}
}

// Spec: LOC-4.
func TestT(t *testing.T) {
	en, zh := New("en"), New("zh")
	for _, c := range []struct{ got, want string }{
		{en.T("form.days", "n", "1"), "1 day"},
		{en.T("form.days", "n", "0"), "0 days"},
		{en.T("form.days", "n", "1234"), "1,234 days"},
		{zh.T("form.days", "n", "1"), "1 天"},
		{en.T("form.both", "own", "{theirs}", "theirs", "b"), "{theirs}; for the other side b"},
		{en.T("cause.item", "name", "x"), "x: …"},
		{en.T("no.such.key", "a", "b"), "no.such.key"},
		{zh.T("no.such.key"), "no.such.key"},
		{en.T("cause.between", "odd"), "; "},
		{en.T("form.date", "n", "1", "weekday", "a", "day", "b", "month", "c", "year", "d"), "a b c d"},
		{en.Number(-1234567), "-1,234,567"},
		{zh.Number(math.MaxInt64), "9,223,372,036,854,775,807"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// Spec: LOC-3, FAU-3. A code of a later list is shown as it is.
func TestFault(t *testing.T) {
	en, zh := New("en"), New("zh")
	short := fault.New(fault.OctetsShort, "want", "8", "have", "3")
	for _, c := range []struct {
		l     *Locale
		err   error
		text  string
		cause string
	}{
		{en, short, "The data ends too early.", "expected: 8; found: 3"},
		{zh, short, "数据不完整，提前结束。", "应为：8；实有：3"},
		{en, fault.Wrap(io.ErrUnexpectedEOF, rule.StoreIO, "table", "rows"),
			"The disk or the database failed; nothing was stored.", "table: rows; unexpected EOF"},
		{zh, fault.Wrap(short, rule.StoreDamaged), "存储内容已损坏。", "数据不完整，提前结束。（应为：8；实有：3）"},
		{en, fault.Wrap(fault.New(rule.VaultLocked), rule.StoreOpening), "The store cannot be opened.", "The node is locked."},
		{en, io.EOF, "An error inside parley.", "EOF"},
		{en, fault.New(rule.StoreAbsent, "unheard-of", "x", "odd"), "It is not here.", "unheard-of: x"},
		{en, fault.New(rule.JSONSyntax, "path", "", "offset", "7"), "This is not JSON.", "byte: 7"},
		{en, fault.New("newer.rule"), "The data is of a kind or version that this node does not know. [newer.rule]", ""},
		{en, errors.Join(errors.New("x"), fault.New(rule.VaultPassphrase)), "The passphrase is wrong.", ""},
	} {
		w := c.l.Fault(c.err)
		if w.Text != c.text || w.Cause != c.cause || w.Next == "" || w.Code != fault.CodeOf(c.err) {
			t.Errorf("%v: %+v", c.err, w)
		}
	}
	if w := en.Fault(nil); w != (Words{}) {
		t.Errorf("nil gives %+v", w)
	}
	if w := zh.Code(rule.ActTurn); w.Text != "这一步应由对方来做。" || w.Cause != "" {
		t.Errorf("%+v", w)
	}
}

// Spec: LOC-6.
func TestTime(t *testing.T) {
	en, zh := New("en"), New("zh")
	at := time.Date(2016, 6, 14, 20, 5, 59, 0, time.FixedZone("elsewhere", -3*3600))
	const beijing, newYork = 8 * time.Hour, -4 * time.Hour
	for _, c := range []struct{ got, want string }{
		{en.Time(at, beijing), "Wednesday 15 June 2016, 07:05 (UTC+08:00)"},
		{zh.Time(at, beijing), "2016年6月15日（周三） 07:05（UTC+08:00）"},
		{en.Time(at, 0), "Tuesday 14 June 2016, 23:05 (UTC)"},
		{en.Time(at, 5*time.Hour+45*time.Minute), "Wednesday 15 June 2016, 04:50 (UTC+05:45)"},
		{en.Time(at, -(3*time.Hour + 30*time.Minute)), "Tuesday 14 June 2016, 19:35 (UTC-03:30)"},
		{en.Both(at, newYork, beijing), "Tuesday 14 June 2016, 19:05 (UTC-04:00); for the other side Wednesday 15 June 2016, 07:05 (UTC+08:00)"},
		{zh.Both(at, beijing, newYork), "2016年6月15日（周三） 07:05（UTC+08:00）；对方为 2016年6月14日（周二） 19:05（UTC-04:00）"},
		{zh.Both(at, beijing, beijing), "2016年6月15日（周三） 07:05（UTC+08:00）"},
		{en.Date(at, beijing), "Wednesday 15 June 2016"},
		{zh.Date(time.Date(2000, 12, 31, 23, 0, 0, 0, time.UTC), 0), "2000年12月31日（周日）"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

// Spec: LOC-7.
func TestDuration(t *testing.T) {
	en, zh := New("en"), New("zh")
	for _, c := range []struct {
		d      time.Duration
		en, zh string
	}{
		{0, "less than a second", "不足一秒"},
		{999 * time.Millisecond, "less than a second", "不足一秒"},
		{time.Second, "1 second", "1 秒"},
		{119 * time.Second, "1 minute 59 seconds", "1 分钟 59 秒"},
		{time.Hour + 59*time.Second, "1 hour", "1 小时"},
		{48*time.Hour - time.Second, "1 day 23 hours", "1 天 23 小时"},
		{100*24*time.Hour + time.Hour, "100 days 1 hour", "100 天 1 小时"},
		{-90 * time.Minute, "-1 hour 30 minutes", "-1 小时 30 分钟"},
		{math.MinInt64, "-106,751 days 23 hours", "-106,751 天 23 小时"},
	} {
		if got := en.Duration(c.d); got != c.en {
			t.Errorf("%d: %q, want %q", c.d, got, c.en)
		}
		if got := zh.Duration(c.d); got != c.zh {
			t.Errorf("%d: %q, want %q", c.d, got, c.zh)
		}
	}
}
