package download

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"
)

// modelServer has one archive, which may be made again between two responses. Times are
// quarters of a second: shorter than what its headers can express.
type modelServer struct {
	tags      func(version int) string // ETag of a version, "" for none
	made      [2]int64                 // when each version was made
	sizes     [2]int64
	current   int // version that is there
	isDated   bool
	hasDate   bool // sends Last-Modified
	isDeaf    bool // ignores If-Range
	isBare    bool // a 206 has no validators
	restAs200 bool
}

var modelStart = time.Date(2026, 9, 21, 10, 0, 0, 0, time.UTC)

func httpDate(quarters int64) string {
	return modelStart.Add(time.Duration(quarters) * time.Second / 4).Format(http.TimeFormat) // rounds down
}

// respond answers a request at a time, from a byte on where the condition holds.
func (s *modelServer) respond(at, from int64, condition string) *http.Response {
	tag := s.tags(s.current)
	modified := ""
	if s.hasDate {
		modified = httpDate(s.made[s.current])
	}
	size := s.sizes[s.current]
	header := http.Header{}
	resp := &http.Response{StatusCode: http.StatusOK, Header: header, ContentLength: size}
	if s.isDated {
		header.Set("Date", httpDate(at))
	}
	isMet := s.isDeaf || condition == tag || condition == modified
	isPart := from > 0 && from < size && isMet
	if isPart {
		resp.ContentLength = size - from
	}
	if isPart && !s.restAs200 {
		resp.StatusCode = http.StatusPartialContent
		header.Set("Content-Range", "bytes "+strconv.FormatInt(from, 10)+"-"+strconv.FormatInt(size-1, 10)+"/"+strconv.FormatInt(size, 10))
	}
	if isPart && s.isBare {
		return resp
	}
	if tag != "" {
		header.Set("ETag", tag)
	}
	if modified != "" {
		header.Set("Last-Modified", modified)
	}
	return resp
}

// tagsOf are ways to give versions their ETags. Only a strong one must differ between versions.
func tagsOf(way uint8, raw string) func(version int) string {
	switch way % 5 {
	case 0:
		return func(int) string { return "" }
	case 1:
		return func(version int) string { return `"` + strconv.Itoa(version) + `"` }
	case 2:
		return func(int) string { return `W/"same"` }
	case 3:
		return func(version int) string { return `W/"` + strconv.Itoa(version) + `"` }
	default:
		return func(version int) string {
			if version == 0 || !isStrongETag(raw) {
				return raw
			}
			return raw[:len(raw)-1] + `x"`
		}
	}
}

// FuzzDecide: whatever a server does, a body of one version never follows bytes of another,
// and the rest of a file is never taken for the whole. A server without faults is resumed from.
func FuzzDecide(f *testing.F) {
	f.Add(uint8(0), uint8(1), uint8(0), uint8(1), uint8(0), uint8(0b0111), int64(4), "")        // date of the same second
	f.Add(uint8(0), uint8(9), uint8(0), uint8(9), uint8(0), uint8(0b0011), int64(4), "")        // strong date, same version
	f.Add(uint8(3), uint8(4), uint8(1), uint8(1), uint8(2), uint8(0b0111), int64(4), "")        // weak ETag and date
	f.Add(uint8(0), uint8(4), uint8(1), uint8(1), uint8(1), uint8(0b0001111), int64(4), "")     // If-Range is ignored
	f.Add(uint8(0), uint8(4), uint8(1), uint8(1), uint8(1), uint8(0b1011111), int64(4), "")     // 206 without validators
	f.Add(uint8(0), uint8(4), uint8(1), uint8(1), uint8(4), uint8(0b10001111), int64(4), `v 1`) // the rest under 200
	f.Fuzz(func(t *testing.T, start, age, gap, pause, way, flags uint8, from int64, raw string) {
		const size = 10
		bit := func(n int) bool { return flags&(1<<n) != 0 }
		remade := bit(2)
		server := &modelServer{
			tags:      tagsOf(way, raw),
			made:      [2]int64{int64(start), int64(start) + int64(age) + int64(gap)},
			sizes:     [2]int64{size, size},
			hasDate:   bit(0),
			isDated:   bit(1),
			isDeaf:    bit(3),
			isBare:    bit(4),
			restAs200: bit(5),
		}
		if bit(6) && !server.restAs200 {
			server.sizes[1]++
		}
		from = 1 + (from%(size-1)+size-1)%(size-1)

		v := validatorsOf(server.respond(int64(start)+int64(age), 0, ""))
		if bit(7) { // another process resumes
			text, err := json.Marshal(&v)
			if err != nil {
				t.Fatal(err)
			}
			v = Validators{}
			if err := json.Unmarshal(text, &v); err != nil {
				t.Fatal(err)
			}
		}
		condition := v.ifRange()
		if condition == "" {
			return // the next request is for the whole file
		}
		if remade {
			server.current = 1
		}
		resp := server.respond(server.made[1]+int64(pause), from, condition)
		verdict, length := v.decide(resp, from)
		isWhole := resp.ContentLength == server.sizes[server.current]
		switch {
		case verdict == resumeBody && (remade || length != size-from):
			t.Errorf("version %+v is continued by another one: %v", v, resp.Header)
		case verdict == restartBody && !isWhole:
			t.Errorf("the rest of version %+v is used as the whole file: %v", v, resp.Header)
		}
		isFaultless := !server.isBare && !server.restAs200 && condition == v.validator() && (condition == server.tags(0) || condition == httpDate(int64(start)))
		if isFaultless && !remade && verdict != resumeBody {
			t.Errorf("version %+v is not resumed: %v", v, resp.Header)
		}
	})
}
