package restorejobstest

import "example.com/restorejobs"

// Client returns a client of the server, with the API key that the server
// knows: the default one, or the one named first by [WithAPIKey]. The options
// come after those that lead the client here and can replace them, as
// [restorejobs.WithBaseURL] would. The error is that of [restorejobs.NewClient],
// which, with [Server.URL], also makes a client with a service account or
// another key.
func (s *Server) Client(opts ...restorejobs.Option) (*restorejobs.Client, error) {
	all := []restorejobs.Option{restorejobs.WithBaseURL(s.URL())}
	if s.opts.inProcess {
		all = append(all, restorejobs.WithTransport(s.Transport()))
	}
	if s.certPEM != nil {
		all = append(all, restorejobs.WithRootCAs(s.certPEM))
	}
	public := s.opts.publicKey
	return restorejobs.NewClient(restorejobs.APIKey(public, s.opts.keys[public]), append(all, opts...)...)
}
