package restorejobs

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/testutil"
)

func TestJobDecode_listsOfInvalidElements(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]Secret{
		`null`: nil, `"u"`: {"u"}, `""`: {}, `{}`: nil, `1`: nil, `[]`: {}, `["u"]`: {"u"}, `[null,"u",7,{},["v"],true]`: {"", "u", "7", "", "", ""},
	} {
		assert.Equal(t, want, decodeJobFile(t, `{"deliveryUrl":`+text+`}`).DeliveryURL, text)
	}
	for text, want := range map[string][]Link{
		`null`: nil, `{"rel":"self"}`: nil, `[]`: {}, `[{}]`: {{}}, `[1,{"rel":"a","new":{},"href":7},null]`: {{}, {Rel: "a", Href: "7"}, {}},
	} {
		assert.Equal(t, want, decodeJobFile(t, `{"links":`+text+`}`).Links, text)
	}
	job := decodeJobFile(t, `{"hashes":[[],{"hash":1}],"components":["x",{"privateDownloadDeliveryUrls":{}},{"privateDownloadDeliveryUrls":[null]}],
		"privateDownloadDeliveryUrls":[{"deliveryUrl":["u"],"endpointId":"e"}]}`)
	assert.Equal(t, Job{
		Hashes:                      []FileHash{{}, {Hash: "1"}},
		Components:                  []ClusterComponent{{}, {}, {PrivateDownloadDeliveryURLs: []PrivateDownload{{}}}},
		PrivateDownloadDeliveryURLs: []PrivateDownload{{EndpointID: "e"}},
	}, job)
}

// A list keeps all elements with a value, and a part of the others. The raw text has them all.
func TestJobDecode_listsOfEmptyElements(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		entry string
		list  func(*Job) (length, said int)
	}{
		"links": {`{"rel":1}`, func(j *Job) (int, int) {
			return len(j.Links), countOf(j.Links, func(l Link) bool { return l != Link{} })
		}},
		"hashes": {`{"hash":1}`, func(j *Job) (int, int) {
			return len(j.Hashes), countOf(j.Hashes, func(h FileHash) bool { return h.Hash != "" })
		}},
		"components": {`{"downloadUrl":1}`, func(j *Job) (int, int) {
			return len(j.Components), countOf(j.Components, func(c ClusterComponent) bool { return c.DownloadURL != "" })
		}},
		"privateDownloadDeliveryUrls": {`{"endpointId":1}`, func(j *Job) (int, int) {
			return len(j.PrivateDownloadDeliveryURLs), countOf(j.PrivateDownloadDeliveryURLs, func(p PrivateDownload) bool { return p != PrivateDownload{} })
		}},
	} {
		nothings, said := strings.Repeat("0,", 1000), strings.Repeat(c.entry+",", 1000)
		for _, list := range []string{nothings + said + c.entry, said + nothings + c.entry, strings.Repeat(c.entry+",0,", 1000) + c.entry, nothings + nothings + said + c.entry} {
			text := `{"` + name + `":[` + list + `],"id":"z"}`
			job := decodeJobFile(t, text)
			length, found := c.list(&job)
			assert.Equal(t, 1001, found, name)
			assert.LessOrEqual(t, length, 16+len(list)/8, name)
			assert.Equal(t, "z", job.ID)
		}
		job := decodeJobFile(t, `{"`+name+`":[`+said+`0]}`)
		length, _ := c.list(&job)
		assert.Equal(t, 1001, length, "%s: a file whose link is missing is never left out", name)
		job = decodeJobFile(t, `{"`+name+`":[`+strings.Repeat("0,", 15)+`0]}`)
		length, _ = c.list(&job)
		assert.Equal(t, 16, length, name)
	}
}

func countOf[T any](list []T, is func(T) bool) (n int) {
	for _, entry := range list {
		if is(entry) {
			n++
		}
	}
	return n
}

// A string is a list of one link, as the Atlas v1 documents print it.
func TestDeliveryURL_ofOneString(t *testing.T) {
	t.Parallel()
	const body = `{"id":"j","deliveryType":"download","deliveryUrl":"https://h/restore-x.tar.gz","cancelled":false,"failed":false,` +
		`"expired":false,"expiresAt":"2036-01-01T00:00:00Z"}`
	for _, scope := range []*endpoint{atlasV1Cluster, atlasV2Cluster} {
		job, err := newSource(clientWithoutRetries(t, testutil.Always(200, body)), scope, "p", "c").Jobs.Get(t.Context(), "j")
		require.NoError(t, err)
		assert.Equal(t, StateFinished, job.State())
		assert.Equal(t, []Secret{"https://h/restore-x.tar.gz"}, job.DeliveryURL)
		files := job.DownloadLinks()
		require.Len(t, files, 1)
		assert.Equal(t, "restore-x.tar.gz", files[0].FileName)

		assert.Equal(t, body, string(job.RawJSON()))
		stored, err := json.Marshal(job)
		require.NoError(t, err)
		assert.Equal(t, body, string(stored))
		byHand := typed(job)
		encoded, err := json.Marshal(byHand)
		require.NoError(t, err)
		assert.Contains(t, string(encoded), `"deliveryUrl":["https://h/restore-x.tar.gz"]`)
	}
}

// TestListBuffer_capacity: a list has no room for more elements, whatever its length.
func TestListBuffer_capacity(t *testing.T) {
	t.Parallel()
	for length := range 40 {
		hashes := strings.Repeat(`,{"hash":"0123456789"}`, length)
		job := decodeJobFile(t, `{"hashes":[`+strings.TrimPrefix(hashes, ",")+`]}`)
		require.Len(t, job.Hashes, length)
		assert.Equal(t, length, cap(job.Hashes))
		for _, hash := range job.Hashes {
			assert.Equal(t, "0123456789", hash.Hash)
		}
	}
}

// TestListBuffer_shortTexts: a text is kept however short it is, and so is a text that is missing.
func TestListBuffer_shortTexts(t *testing.T) {
	t.Parallel()
	const length = 1000
	for name, element := range map[string]struct {
		text string
		want string
	}{
		"text":    {`"a"`, "a"},
		"number":  {`7`, "7"},
		"empty":   {`""`, ""},
		"missing": {`null`, ""},
	} {
		list := "[" + strings.Repeat(element.text+",", length) + `"last"]`
		job := decodeJobFile(t, `{"deliveryUrl":`+list+`}`)
		require.Len(t, job.DeliveryURL, length+1, name)
		assert.Equal(t, Secret(element.want), job.DeliveryURL[length-1], name)
		assert.Equal(t, Secret("last"), job.DeliveryURL[length], name)
		snapshot, _, err := parseSnapshot([]byte(`{"copyRegions":` + list + `}`))
		require.NoError(t, err)
		require.Len(t, snapshot.CopyRegions, length+1, name)
		assert.Equal(t, element.want, snapshot.CopyRegions[length-1], name)
		assert.Equal(t, "last", snapshot.CopyRegions[length], name)
	}
}
