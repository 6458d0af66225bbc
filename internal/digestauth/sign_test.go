package digestauth

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/icholy/digest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.com/restorejobs/internal/digestauth/challenge"
)

func parse(t *testing.T, value string) *digest.Challenge {
	t.Helper()
	c, ok := challenge.Parse(http.Header{"Www-Authenticate": {value}})
	require.True(t, ok, value)
	return c
}

func sign(t *testing.T, username, password, cnonce, chal string, req *http.Request) string {
	t.Helper()
	k := func() (string, string) { return username, password }
	n, err := newNonce(k, parse(t, chal))
	require.NoError(t, err)
	assert.Len(t, n.cnonce, 16)
	n = newNonceOf(k, n.challenge, n.a1, cnonce)
	header, err := nonceUse{nonce: n, count: 1}.sign(k, req)
	require.NoError(t, err)
	return header
}

// TestSign_rfcExamples has the examples of RFC 7616 section 3.9, and that of RFC 2617 section 3.5
// without qop.
func TestSign_rfcExamples(t *testing.T) {
	t.Parallel()
	const (
		rfc7616 = `Digest realm="http-auth@example.org", qop="auth, auth-int", ` +
			`nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"`
		rfc7616Cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	)
	tests := map[string]struct {
		username, password, cnonce, chal, path string
		want                                   []string
		never                                  []string
	}{
		"MD5": {
			"Mufasa", "Circle of Life", rfc7616Cnonce, rfc7616 + `, algorithm=MD5`, "/dir/index.html",
			[]string{
				`username="Mufasa"`, `uri="/dir/index.html"`, `response="8ca523f5e9506fed4657c9700eebdbec"`,
				"algorithm=MD5, ", "qop=auth, nc=00000001, ", `opaque="FQhe/`,
			},
			nil,
		},
		"SHA-256": {
			"Mufasa", "Circle of Life", rfc7616Cnonce, rfc7616 + `, algorithm=sha-256`, "/dir/index.html",
			[]string{`response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"`, "algorithm=sha-256, "},
			nil,
		},
		"SHA-512-256 with a hashed user name": {
			"J\u00e4s\u00f8n Doe", "Secret, or not?", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
			`Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, charset=UTF-8, userhash=true, ` +
				`nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"`,
			"/doe.json",
			[]string{
				`username="793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"`, "userhash=true",
				`response="3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5"`,
			},
			nil,
		},
		"without qop": { // as in the documents
			"Mufasa", "Circle Of Life", "unused",
			`Digest realm="testrealm@host.com", domain="", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", op="auth", stale=false`,
			"/dir/index.html",
			[]string{`response="670fd8c2df070c60b045671b8b24ff02"`},
			[]string{"qop", "nc=", "cnonce", "opaque", "algorithm"},
		},
		"quotes": {
			`a"b\c`, "p", "c", `Digest realm="r\"\\m", nonce="n\"", qop="auth"`, `/x?y="z"`,
			[]string{`username="a\"b\\c"`, `realm="r\"\\m"`, `nonce="n\""`, `uri="/x?y=\"z\""`},
			nil,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host"+test.path, nil)
			require.NoError(t, err)
			req.Method = "" // which means GET
			header := sign(t, test.username, test.password, test.cnonce, test.chal, req)
			require.True(t, strings.HasPrefix(header, "Digest username="), header)
			for _, field := range test.want {
				assert.Contains(t, header, field)
			}
			for _, field := range test.never {
				assert.NotContains(t, header, field)
			}
		})
	}
}

// TestSign_body checks that auth-int signs the body.
func TestSign_body(t *testing.T) {
	t.Parallel()
	const chal = `Digest realm="r", nonce="n", qop="auth-int"`
	post := func(body io.Reader) *http.Request {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://host/", body)
		require.NoError(t, err)
		return req
	}
	a := sign(t, "u", "p", "c", chal, post(strings.NewReader("a")))
	b := sign(t, "u", "p", "c", chal, post(strings.NewReader("b")))
	none := sign(t, "u", "p", "c", chal, post(nil))
	assert.Contains(t, a, "qop=auth-int")
	assert.NotEqual(t, a, b)
	assert.NotEqual(t, a, none)
}

func TestSign_counts(t *testing.T) {
	t.Parallel()
	k := func() (string, string) { return "u", "p" }
	n, err := newNonce(k, parse(t, `Digest realm="r", nonce="n", qop="auth"`))
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host/", nil)
	require.NoError(t, err)
	signs := func(n *nonce, count int, want string) {
		t.Helper()
		header, err := nonceUse{nonce: n, count: count}.sign(k, req)
		require.NoError(t, err)
		assert.Contains(t, header, want)
	}
	signs(n, 1, "nc=00000001,")
	signs(n, 2, "nc=00000002,")
	signs(n, 0x0fffffff, "nc=0fffffff,")
	next := n.next(k, "next")
	signs(next, 1, `nonce="next"`)
	signs(next, 1, `realm="r"`)
	signs(n, 3, `nonce="n"`)
	assert.NotEqual(t, n.cnonce, next.cnonce)
}
