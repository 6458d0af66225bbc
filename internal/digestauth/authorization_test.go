package digestauth

import (
	"net/http"
	"testing"
	"unicode/utf8"

	"github.com/icholy/digest"

	"example.com/restorejobs/internal/digestauth/challenge"
)

// FuzzFormatAuthorization checks that the header for any challenge is valid, and has the values of
// the challenge.
func FuzzFormatAuthorization(f *testing.F) {
	for _, seed := range []string{
		`Digest realm="MMS Public API", domain="", nonce="SlgYP7Tv3FS/BuCj/x4WQRIV1bNKdpJg", algorithm=MD5, qop="auth", stale=false`,
		`Digest realm="r", nonce="n", op="auth"`,
		"Basic realm=x, digest\tNonce=a/+b==,qop=\"auth-int, AUTH\" , ,algorithm=sha-512-256,opaque=\"\\\"\"",
		`Digest nonce="n", userhash=true, realm="` + "\xff\u00e4" + `"`,
	} {
		f.Add(seed, "/api?x=y")
	}
	f.Fuzz(func(t *testing.T, value, target string) {
		c, ok := challenge.Parse(http.Header{"Www-Authenticate": {value}})
		if !ok {
			return
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://host", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Path = target
		k := func() (string, string) { return `us"er`, "password" }
		n, err := newNonce(k, c)
		if err != nil {
			t.Fatal(err)
		}
		header, err := nonceUse{nonce: n, count: 1}.sign(k, req)
		if err != nil {
			t.Fatal(err)
		}
		for i := range len(header) {
			if header[i] < ' ' || header[i] == 0x7f {
				t.Fatalf("control character in %q", header)
			}
		}
		cred, err := digest.ParseCredentials(header)
		if err != nil {
			t.Fatalf("%v in %q", err, header)
		}
		if !utf8.ValidString(header) {
			return // the parser of icholy/digest would change it
		}
		if cred.Nonce != c.Nonce || cred.Realm != c.Realm || cred.Opaque != c.Opaque || cred.URI != req.URL.RequestURI() {
			t.Fatalf("%q for %+v", header, c)
		}
	})
}
