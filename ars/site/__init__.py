"""The public site: pages for anybody, over models and prices."""
