package download

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func redirect(to string) answer { return status(http.StatusFound, "Location", to) }

// TestFollow: the secret stays with the link's origin, and once away it never comes back.
func TestFollow(t *testing.T) {
	t.Parallel()
	c, asked := client(redirect("/moved"), redirect("https://else.example.com/b?x=1"), redirect(address), whole())
	f := file()
	resp, err := c.follow(t.Context(), &linkRequest{link: &f.Link, from: 3, ifRange: strong})
	require.NoError(t, err)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	var urls, secrets []string
	for _, req := range asked.asked {
		urls, secrets = append(urls, req.URL.String()), append(secrets, req.Header.Get("X-Key"))
		assert.Empty(t, req.Header.Get("Referer"))
		for name, want := range map[string]string{
			"Range": "bytes=3-", "If-Range": strong, "Accept-Encoding": "identity", "User-Agent": "test",
		} {
			assert.Equal(t, want, req.Header.Get(name))
		}
	}
	assert.Equal(t, []string{address, "https://files.example.com/moved", "https://else.example.com/b?x=1", address}, urls)
	assert.Equal(t, []string{"open", "open", "", ""}, secrets)
}

func TestFollow_refused(t *testing.T) {
	t.Parallel()
	again := redirect(address)
	for want, c := range map[string]struct {
		link    string
		answers []answer
	}{
		"the link is not an http or https address":                                             {link: "files.example.com/a"},
		"the link is plain http, which shows it to everybody on its way; see WithInsecureHTTP": {link: "http://files.example.com/a"},
		"the link redirects from https to plain http":                                          {address, []answer{redirect("http://files.example.com/a")}},
		"the link redirects to an invalid web address":                                         {address, []answer{redirect("ftp://files.example.com/a")}},
		"the link redirects too often":                                                         {address, []answer{again, again, again, again, again, again}},
	} {
		follows, asked := client(c.answers...)
		_, err := follows.follow(t.Context(), &linkRequest{link: &Link{URL: plain(c.link)}})
		require.EqualError(t, err, want)
		assert.False(t, isRetryable(err), want)
		assert.Len(t, asked.asked, len(c.answers), want)
	}
}

// TestFollow_plainHTTP: plain http stays on this machine, unless the caller allows more.
func TestFollow_plainHTTP(t *testing.T) {
	t.Parallel()
	const from = "http://127.0.0.1:8080/a"
	for target, refused := range map[string]bool{
		"http://localhost/b": false, "https://else.example.com/a": false, "http://else.example.com/a": true,
	} {
		c, asked := client(redirect(target), whole())
		_, err := c.follow(t.Context(), &linkRequest{link: &Link{URL: plain(from)}})
		if refused {
			require.EqualError(t, err, "the link leads to plain http, which shows it to everybody on its way; see WithInsecureHTTP", target)
			assert.Len(t, asked.asked, 1, target)
			continue
		}
		require.NoError(t, err, target)
		assert.Len(t, asked.asked, 2, target)
	}
	c, asked := client(redirect("http://else.example.com/a"), whole())
	c.AllowInsecureHTTP = true
	_, err := c.follow(t.Context(), &linkRequest{link: &Link{URL: plain("http://files.example.com/a")}})
	require.NoError(t, err)
	assert.Len(t, asked.asked, 2)
}
