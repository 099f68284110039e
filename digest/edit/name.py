def name(stories): return (stories[0].headline,)
